import type { Tx } from '../../db/connection.ts';
import { leadsToRedo, noteDisposals, prepareDisposals, recordRedone, type NotedDisposal } from '../../db/disposal-replay.ts';
import { bundlesOf, recordSteps, type StoreReport } from '../../db/disposal-work.ts';
import { eraseLeads } from '../../db/erasure.ts';
import { CHANGE_BACK, dropEndedRefusals, PUT_BACK, type NotedFact, type PutBack } from '../../db/journal-replay.ts';
import { keepRefusals } from '../disposal/refusals.ts';
import { readJournal } from './folder-journal.ts';
import { CHANGE_KINDS, ROW_KINDS, type JournalEntry, type NotedEntry } from './journal.ts';

/** What a journal has put back into a restored store. */
export interface Replayed {
  /** By kind: put back now, known already from the backup, and impossible because what they speak of is not in it. */
  kinds: Record<string, PutBack & { known: number }>;
  /** Leads that were disposed of again. */
  disposals: number;
  /** Lines that were cut off while they were written. */
  unreadable: number;
  /** When the last of all the facts happened; null where there are none. */
  lastAt: string | null;
}

export interface ReplayDeps {
  tx: Tx;
  journalFolder: string;
  /** Removes an object from the archive store; null where there is none at hand. */
  removeObject: ((object: string) => Promise<void>) | null;
  now: Date;
}

const LEADS_AT_ONCE = 500;

/**
 * Puts back everything that the journal knows and a restored store does not, in the transaction that restores it; doing it again
 * changes nothing. First what was said, then what has ended since, and at last the disposals, which then see every order.
 */
export async function replayJournal(deps: ReplayDeps): Promise<Replayed> {
  const replayed: Replayed = { kinds: {}, disposals: 0, unreadable: 0, lastAt: null };
  await prepareDisposals(deps.tx);
  for await (const portion of readJournal(deps.journalFolder, () => void (replayed.unreadable += 1))) {
    for (const { at } of portion) if (replayed.lastAt === null || at > replayed.lastAt) replayed.lastAt = at;
    await noteDisposals(deps.tx, portion.flatMap(disposalOf));
    for (const kind of ROW_KINDS) await put(replayed, kind, PUT_BACK[kind], deps.tx, factsOf(portion, kind));
  }
  for await (const portion of readJournal(deps.journalFolder)) {
    for (const kind of CHANGE_KINDS) await put(replayed, kind, CHANGE_BACK[kind], deps.tx, factsOf(portion, kind));
  }
  replayed.disposals = await redoDisposals(deps);
  await dropEndedRefusals(deps.tx);
  return replayed;
}

/** Disposes again of every lead that the journal says was disposed of, and the backup has brought back; answers how many. */
async function redoDisposals({ tx, removeObject, now }: ReplayDeps): Promise<number> {
  let count = 0;
  for (let after: string | null = null; ;) {
    const batch = await leadsToRedo(tx, after, LEADS_AT_ONCE, now);
    const last = batch.at(-1);
    if (!last) return count;
    const leadIds = batch.map(({ leadId }) => leadId);
    // Before the key goes: should this be broken off, it is begun again with everything still known.
    for (const { object } of removeObject ? await bundlesOf(tx, leadIds) : []) await removeObject?.(object);
    await keepRefusals(tx, batch.flatMap(({ leadId, token }) => (token === null ? [] : [{ leadId, token }])), now);
    await eraseLeads(tx, leadIds, now);
    await recordSteps(tx, (await recordRedone(tx, batch, now)).flatMap((id) => stepsOf(id, now)), now);
    count += batch.length;
    after = last.disposalId;
  }
}

/**
 * What is known of a disposal whose certificate was lost, or not given yet: receivers had been told and had answered before the
 * journal was written. The archive is asked again by whoever goes on with it.
 */
function stepsOf(disposalId: string, now: Date): StoreReport[] {
  const evidence = { redoneAfterRestoreAt: now.toISOString() };
  return (['crm', 'database', 'keys', 'orchestrator', 'backups'] as const).map((store) => ({ disposalId, store, problem: null, evidence }));
}

async function put(
  replayed: Replayed, kind: string, putBack: (tx: Tx, given: readonly NotedFact[]) => Promise<PutBack>,
  tx: Tx, given: readonly NotedFact[],
): Promise<void> {
  if (given.length === 0) return;
  const done = await putBack(tx, given);
  const sum = (replayed.kinds[kind] ??= { put: 0, known: 0, impossible: 0 });
  sum.put += done.put;
  sum.impossible += done.impossible;
  sum.known += Math.max(0, given.length - done.put - done.impossible);
}

/** The facts of one kind, each once. */
function factsOf(portion: readonly JournalEntry[], kind: NotedEntry['kind']): NotedFact[] {
  const found = portion.filter((entry): entry is NotedEntry => entry.kind === kind);
  return [...new Map(found.map(({ row, token }) => [row.id, { row, token: token ?? null }])).values()];
}

function disposalOf(entry: JournalEntry): NotedDisposal[] {
  if (entry.kind === 'disposal') return [{ kind: entry.kind, id: entry.disposalId, leadId: entry.leadId, at: entry.at, row: null }];
  if (entry.kind !== 'destroyed' && entry.kind !== 'disposed' && entry.kind !== 'taken_back') return [];
  return [{ kind: entry.kind, id: entry.row.id, leadId: String(entry.row.lead_id), at: entry.at, row: entry.row }];
}
