import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Db } from '../db/connection.ts';
import { findFetch, keepValidators, recordFetchRun, type FetchRun, type KeptFetch } from '../db/dnc-fetches.ts';
import { newId } from '../db/ids.ts';
import { receiveRelease, removeListFile, storeListFile } from '../dnc/releases.ts';
import type { FetchOutcome } from '../domain/list-fetch-card.ts';
import { DomainError } from '../domain/problem.ts';
import { fetcherOf, type FetchSettings } from './fetching/fetchers.ts';
import { FetchFailure, type FoundFile } from './fetching/list-fetcher.ts';
import { interrupted, stopAttempt } from './interruption.ts';

export interface FetchDependencies {
  db: Db;
  listFolder: string;
  fetching: FetchSettings;
  now: () => Date;
  stopping?: AbortSignal | undefined;
}

const HEARTBEAT_MS = 5_000;

type Receipt = FetchOutcome['releases'][number];
type Ended = Pick<FetchRun, 'outcome'> & { receipts: readonly Receipt[]; problem?: FetchRun['problem'] };

/** The activity behind a run of a scheduled download. */
export function createFetchActivities({ db, listFolder, fetching, now, stopping }: FetchDependencies) {
  /** Puts one file on our books as a release. Only then it counts as taken. */
  async function receive({ id, list, kind, format, op, areaCodes }: KeptFetch, file: FoundFile): Promise<Receipt> {
    const { asOf, body, validators } = file;
    const releaseId = newId();
    const stored = await storeListFile(listFolder, releaseId, body);
    const asked = { id: releaseId, list, kind, format, op, areaCodes, asOf, dryRun: false, receivedAt: now(), receivedBy: `fetch/${id}` };
    const put = db.transaction().execute(async (tx) => {
      await keepValidators(tx, id, validators);
      return receiveRelease(tx, { ...asked, ...stored });
    });
    const received = await put.catch(async (error: unknown) => {
      await removeListFile(listFolder, releaseId);
      throw error;
    });
    if (received.replayOf) await removeListFile(listFolder, releaseId);
    await file.settle();
    return { releaseId: received.releaseId, asOf: asOf.toISOString(), sizeBytes: stored.sizeBytes, isKnown: received.replayOf };
  }

  async function receiveAll(fetch: KeptFetch, signal: AbortSignal, receipts: Receipt[]): Promise<void> {
    const fetcher = await fetcherOf(fetch, fetching, now, signal);
    for (let file = await fetcher.next(); file; file = await fetcher.next()) receipts.push(await receive(fetch, file));
  }

  async function record(id: string, { outcome, receipts, problem = null }: Ended): Promise<void> {
    const releases = receipts.map(({ releaseId }) => releaseId);
    await recordFetchRun(db, id, { at: now().toISOString(), outcome, releases, problem });
  }

  return {
    /**
     * Takes whatever new files there are and receives each as a release, as if somebody had sent it. Repeating it does no
     * harm: the same file of the same moment is the same release.
     */
    async fetchList(fetchId: string): Promise<FetchOutcome> {
      const context = Context.current();
      const signal = AbortSignal.any([context.cancellationSignal, ...(stopping ? [stopping] : [])]);
      const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
      const receipts: Receipt[] = [];
      try {
        const fetch = await findFetch(db, fetchId);
        if (!fetch) return { list: '', outcome: 'removed', releases: [] };
        await receiveAll(fetch, signal, receipts);
        const outcome = receipts.length > 0 ? 'received' : 'nothing';
        await record(fetchId, { outcome, receipts });
        return { list: fetch.list, outcome, releases: receipts };
      } catch (error) {
        if (signal.aborted) return await stopAttempt(context, 'fetch');
        if (!(error instanceof FetchFailure) && !(error instanceof DomainError)) throw interrupted(error, 'fetch');
        await record(fetchId, { outcome: 'failed', receipts, problem: { code: error.code, detail: error.message } });
        throw failureOf(error);
      } finally {
        clearInterval(beat);
      }
    },
  };
}

function failureOf(error: FetchFailure | DomainError): ApplicationFailure {
  const { code: type, message } = error;
  if (error instanceof DomainError || !error.isPassing) return ApplicationFailure.nonRetryable(message, type);
  const { retryAfterMs } = error;
  return ApplicationFailure.create({ message, type, ...(retryAfterMs === null ? {} : { nextRetryDelay: retryAfterMs }) });
}
