import { ApplicationFailure, Context } from '@temporalio/activity';
import { createPool, type Db } from '../db/connection.ts';
import { findRelease, hasEnded, type Release } from '../db/dnc-releases.ts';
import { findRegistration } from '../db/list-registrations.ts';
import { tellWaitingReleases } from '../db/waiting-releases.ts';
import type { Vault } from '../db/vault.ts';
import { activateRelease } from '../dnc/activate.ts';
import { sweepListFiles } from '../dnc/list-file-sweep.ts';
import { prepareRelease } from '../dnc/prepare.ts';
import type { ReleaseDeps } from '../dnc/releases.ts';
import { tidyUp } from '../dnc/tidying.ts';
import { takeTurn } from '../dnc/turns.ts';
import type { ReleaseProgress, ReleaseReport } from '../domain/release-card.ts';
import type { SigningKeys } from '../proof/signing-keys.ts';
import { interrupted, stopAttempt } from './interruption.ts';
import { releaseReporter } from './release-reporter.ts';

export interface ReleaseDependencies {
  db: Db;
  /** Whole tables of rows go over connections of the release's own, so that reviews never wait for one. */
  databaseUrl: string;
  vault: Vault;
  signing: SigningKeys | null;
  listFolder: string;
  now: () => Date;
  /** Aborted when the worker is to stop: Temporal itself says so only when the grace for activities has run out. */
  stopping?: AbortSignal | undefined;
}

/** What is to be done next for a release, and how it stands. */
export interface ReleaseStep<Next extends string> {
  next: Next;
  report: ReleaseReport;
}

const CONNECTIONS = 3;
/** Matching whole registries is one statement, and takes what it takes. */
const NO_TIMEOUT = 0;

/** A file that nobody has touched for this long belongs to no release that is still going to be. */
const FILE_FORGOTTEN_AFTER_MS = 86_400_000;

type Work<Result> = (deps: ReleaseDeps, onProgress: (progress: ReleaseProgress) => void, signal: AbortSignal) => Promise<Result>;

/** The activities behind the workflow of a release. Each can be repeated at any time, whatever the attempt before it did. */
export function createReleaseActivities(dependencies: ReleaseDependencies) {
  const { databaseUrl, stopping, ...shared } = dependencies;
  const { db } = shared;

  async function work<Result>(job: Work<Result>): Promise<Result> {
    const context = Context.current();
    const pool = createPool(databaseUrl, { max: CONNECTIONS, statementTimeout: NO_TIMEOUT });
    const signal = AbortSignal.any([context.cancellationSignal, ...(stopping ? [stopping] : [])]);
    const reporter = releaseReporter(context);
    try {
      return await job({ ...shared, pool }, (progress) => reporter.report(progress), signal);
    } catch (error) {
      if (signal.aborted) return await stopAttempt(context, 'release');
      throw interrupted(error, 'release');
    } finally {
      reporter.end();
      await pool.end();
    }
  }

  return {
    /** Whether it is the turn of a release. */
    async takeReleaseTurn(releaseId: string): Promise<ReleaseStep<'prepare' | 'turn' | 'approval' | 'end'>> {
      await requireRelease(db, releaseId);
      const turn = await work((deps) => takeTurn(deps, releaseId));
      const release = await requireRelease(db, releaseId);
      const waits = release.state === 'awaiting_approval' ? 'approval' : 'turn';
      const next = ({ go: 'prepare', wait: waits, ended: 'end' } as const)[turn];
      return { next, report: await reportOf(db, release) };
    },

    /** Reads the file and stages what would change. A file that cannot be used is an outcome, not a failure. */
    async prepareRelease(releaseId: string): Promise<ReleaseStep<'activate' | 'approval' | 'end'>> {
      const prepared = await work((deps, onProgress, signal) => prepareRelease(deps, releaseId, onProgress, signal));
      const next = ({ ready: 'activate', awaiting_approval: 'approval', ended: 'end' } as const)[prepared];
      return { next, report: await reportOf(db, await requireRelease(db, releaseId)) };
    },

    /** Puts the release in force, unless the list has changed since it was prepared. */
    async activateRelease(releaseId: string): Promise<ReleaseStep<'again' | 'end'>> {
      const activated = await work((deps, onProgress, signal) => activateRelease(deps, releaseId, onProgress, signal));
      const next = activated === 'again' ? 'again' : 'end';
      return { next, report: await reportOf(db, await requireRelease(db, releaseId)) };
    },

    /** Removes what is left of a release that has ended, and wakes those that waited for it. */
    async closeRelease(releaseId: string): Promise<void> {
      await work((deps) => tidyUp(deps, releaseId));
      const now = shared.now();
      await tellWaitingReleases(db, await requireRelease(db, releaseId), now);
      await sweepListFiles(db, shared.listFolder, new Date(now.getTime() - FILE_FORGOTTEN_AFTER_MS));
    },
  };
}

async function requireRelease(db: Db, id: string): Promise<Release> {
  const release = await findRelease(db, id);
  if (release) return release;
  throw ApplicationFailure.nonRetryable('There is no release of this id in the database.', 'unknown_release');
}

/** What a person can decide, or an older file is, is no fault of the file. */
const ORDERLY_ENDINGS = new Set(['abandoned', 'older_than_in_force']);

async function reportOf(db: Db, release: Release): Promise<ReleaseReport> {
  const [list, base] = await Promise.all([
    findRegistration(db, release.list),
    release.baseId === null ? null : findRelease(db, release.baseId),
  ]);
  const { kind, dryRun, state, lines, refused, numbers, foreign, added, removed, leads, problem } = release;
  return {
    list: release.list,
    listName: list?.name ?? release.list,
    asOf: release.asOf.toISOString(),
    baseAsOf: base?.asOf.toISOString() ?? null,
    isUnusable: problem !== null && hasEnded(state) && !ORDERLY_ENDINGS.has(problem.code),
    kind, dryRun, state, lines, refused, numbers, foreign, added, removed, leads, problem,
  };
}
