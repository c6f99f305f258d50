import type { Tx } from '../../db/connection.ts';
import {
  lockAtTheirEnd, recordKeysDestroyed, recordSteps, sortedTokensOf, takeBackDisposals, type LeadAtItsEnd, type OpenedDisposal,
  type StoreReport,
} from '../../db/disposal-work.ts';
import { eraseLeads, type Erased } from '../../db/erasure.ts';
import { lockPersons } from '../../db/gate-facts.ts';
import { lockHolds } from '../../db/legal-holds.ts';
import { backupsEndAt } from '../../domain/disposal.ts';
import type { DisposingMeans } from './disposing.ts';
import { keepRefusals } from './refusals.ts';

/** A lead with its disposal. */
export interface Opened {
  leadId: string;
  disposal: OpenedDisposal;
}

/** Which keys are gone, and which leads are kept because something has happened. */
interface Destroyed {
  destroyed: Opened[];
  kept: string[];
}

/**
 * Destroys the keys of some leads, in one transaction of the key store. From the lock on no hold can be placed that it does not
 * know of; whoever is held, or has come back meanwhile, is left out. What cannot be undone comes last: the archive, then the
 * journal, which is on disk before a key goes, then the keys.
 */
export async function destroyKeys(means: DisposingMeans, ready: readonly Opened[]): Promise<Destroyed> {
  if (ready.length === 0) return { destroyed: [], kept: [] };
  try {
    return await inOneTransaction(means, ready);
  } catch (error) {
    if (!(error instanceof JournalAway)) throw error;
    await recordSteps(means.db, ready.map(({ disposal: { id: disposalId } }) => {
      return { disposalId, store: 'backups' as const, problem: 'unreachable' as const, evidence: null };
    }), means.now());
    return { destroyed: [], kept: [] };
  }
}

/** Without a journal that survives no key goes. */
class JournalAway extends Error {}

function inOneTransaction(means: DisposingMeans, ready: readonly Opened[]): Promise<Destroyed> {
  const ids = ready.map(({ leadId }) => leadId);
  const wanted = new Map(ready.map(({ leadId, disposal }) => [leadId, disposal.id]));
  return means.db.transaction().execute(async (tx) => {
    await lockHolds(tx, 'shared');
    await lockPersons(tx, { tokens: (await sortedTokensOf(tx, ids)).map(String) });
    const now = means.now();
    const leads = [...(await lockAtTheirEnd(tx, ids, now)).values()].filter((lead) => {
      return lead.disposal?.id === wanted.get(lead.leadId) && lead.token !== null && !lead.isHeld;
    });
    const { going, staying } = await whoGoes(means, tx, leads, now);
    const gone = await removeFromLast(means, tx, going, now);
    if (gone.length > 0) await erase(means, tx, gone, now);
    return { destroyed: gone.map(({ leadId, disposal }) => ({ leadId, disposal })), kept: staying };
  });
}

type Going = LeadAtItsEnd & { token: bigint; disposal: OpenedDisposal };

async function whoGoes(
  { whoseTimeIsOver }: DisposingMeans, tx: Tx, leads: readonly LeadAtItsEnd[], now: Date,
): Promise<{ going: Going[]; staying: string[] }> {
  const timed = leads.filter(({ disposal }) => disposal?.ground === 'retention').map(({ leadId }) => leadId);
  const over = timed.length === 0 ? new Set<string>() : await whoseTimeIsOver(tx, timed, now);
  const staying = new Set(timed.filter((leadId) => !over.has(leadId)));
  await takeBackDisposals(tx, leads.flatMap(({ leadId, disposal }) => (staying.has(leadId) && disposal ? [disposal.id] : [])));
  return { going: leads.filter((lead): lead is Going => !staying.has(lead.leadId)), staying: [...staying] };
}

/** A store that does not answer keeps its leads, and nobody else's. */
async function removeFromLast({ last }: DisposingMeans, tx: Tx, going: readonly Going[], now: Date): Promise<Going[]> {
  let gone = [...going];
  for (const store of last) {
    if (gone.length === 0) return gone;
    const answers = await store.forget(tx, gone.map(({ leadId, disposal: { id: disposalId } }) => ({ disposalId, leadId })));
    const reports = gone.map(({ leadId, disposal }): StoreReport & { leadId: string } => {
      const { problem, evidence } = answers.get(leadId) ?? { problem: 'unreachable' as const, evidence: null };
      return { leadId, disposalId: disposal.id, store: store.store, problem, evidence };
    });
    await recordSteps(tx, reports, now);
    const failed = new Set(reports.filter(({ problem }) => problem !== null).map(({ leadId }) => leadId));
    gone = gone.filter(({ leadId }) => !failed.has(leadId));
  }
  return gone;
}

async function erase({ journal, keepDays }: DisposingMeans, tx: Tx, gone: readonly Going[], now: Date): Promise<void> {
  await keepRefusals(tx, gone, now);
  const at = now.toISOString();
  const entries = gone.map(({ leadId, disposal }) => ({ kind: 'disposal' as const, at, disposalId: disposal.id, leadId }));
  await journal.append(entries).catch(() => {
    throw new JournalAway('the journal cannot be written');
  });
  const erased = await eraseLeads(tx, gone.map(({ leadId }) => leadId), now);
  await recordKeysDestroyed(tx, gone.map(({ leadId, disposal: { id } }) => ({ id, kek: erased.get(leadId)?.kek ?? null })), now);
  const endAt = backupsEndAt(now, keepDays).toISOString();
  await recordSteps(tx, gone.flatMap(({ leadId, disposal: { id } }) => {
    return reportsOf(id, erased.get(leadId), { journaledAt: at, keptForDays: keepDays, endAt });
  }), now);
}

function reportsOf(disposalId: string, erased: Erased | undefined, backups: object): StoreReport[] {
  const confirmed = { disposalId, problem: null };
  return [
    { ...confirmed, store: 'database', evidence: { rows: erased?.rows ?? {} } },
    { ...confirmed, store: 'keys', evidence: { overwritten: true, deleted: true, keyEncryptionKey: erased?.kek ?? null } },
    { ...confirmed, store: 'orchestrator', evidence: { holds: 'ids and words of closed lists' } },
    { ...confirmed, store: 'backups', evidence: backups },
  ];
}
