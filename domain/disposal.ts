import { plus } from './civil-time.ts';
import { CHANNELS, type Channel, type ConsentEvent } from './consent.ts';
import { foldConsent } from './consent-ledger.ts';

/** Everything that has to forget a person before a disposal is done, in the order in which they are asked. */
export const DISPOSAL_STORES = ['crm', 'archive', 'database', 'keys', 'orchestrator', 'backups'] as const;
export type DisposalStore = (typeof DISPOSAL_STORES)[number];

/** Of NIST SP 800-88: how a store forgets. `told`: it is not ours, and was asked to. */
export type DisposalMethod = 'clear' | 'cryptographic erase' | 'told' | 'nothing held';

/** What each of them is, how it forgets, and what its confirmation means. */
export const STORE_MEANINGS: Record<DisposalStore, { method: DisposalMethod; means: string }> = {
  crm: { method: 'told', means: 'Receivers of webhooks: each that was told has acknowledged, was removed, or was waived by a person.' },
  archive: { method: 'clear', means: 'The sealed bundle in the archive store: it was removed, and is not found any more.' },
  database: { method: 'clear', means: 'Sealed records are deleted, pseudonyms and names given by others are emptied or deleted.' },
  keys: { method: 'cryptographic erase', means: 'The data key was overwritten and deleted: whatever copy there is of what it sealed cannot be opened.' },
  orchestrator: { method: 'nothing held', means: 'Temporal holds ids and words of closed lists: nothing in it is about a person once the key is gone.' },
  backups: { method: 'cryptographic erase', means: 'The disposal is in the journal outside of the database, which every restore replays; the last backup with the key ends on the day stated.' },
};

/** Why a store has not confirmed. */
export const DISPOSAL_PROBLEMS = ['waits_for_answer', 'not_acknowledged', 'unreachable', 'still_there'] as const;
export type DisposalProblem = (typeof DISPOSAL_PROBLEMS)[number];

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const BACK_OFF_MS = [30 * SECOND_MS, 2 * MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS] as const;

/** How long a disposal waits after so many attempts that did not complete it. */
export function disposalBackOffMs(attempts: number): number {
  return BACK_OFF_MS[Math.min(Math.max(attempts, 1), BACK_OFF_MS.length) - 1] ?? 6 * HOUR_MS;
}

/** From so long on an open disposal is called for help. */
export const DISPOSAL_OVERDUE_AFTER = 'P1D';

/** The day from which no backup can bring a key back that was destroyed at a moment. */
export function backupsEndAt(destroyedAt: Date, keepDays: number): Date {
  return plus(destroyedAt, `P${keepDays}D`);
}

/** Backups are looked through every hour: what would be past its time before the next look goes with this one. */
const EXPIRY_AHEAD = 'PT2H';

/** From before which moment the keys in backups have to go, so that the day that certificates name holds. */
export function backupsExpireBefore(now: Date, keepDays: number): Date {
  const exactly = plus(now, `P${keepDays}D`, -1);
  return keepDays === 0 ? exactly : plus(exactly, EXPIRY_AHEAD);
}

/** A refusal that the ledger of a person holds, and nothing else. */
export interface LedgerRefusal {
  channel: Channel | 'all';
  /** When the person withdrew. */
  since: Date;
}

/** The channels on which a person has withdrawn from marketing as a whole, and nothing they said later undoes it. */
export function refusalsOf(ledger: readonly ConsentEvent[], at: Date): LedgerRefusal[] {
  const refused = CHANNELS.flatMap((channel) => {
    const { state, withdrawal } = foldConsent(ledger, channel, 'marketing', at);
    return state === 'revoked' && withdrawal?.kind === 'revoked' ? [{ channel, since: withdrawal.happenedAt }] : [];
  });
  const [first] = refused;
  if (!first || refused.length < CHANNELS.length) return refused;
  return [{ channel: 'all', since: new Date(Math.max(...refused.map(({ since }) => since.getTime()))) }];
}
