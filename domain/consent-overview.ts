import { CHANNELS, GRADES, PURPOSES, type Channel, type ConsentEvent, type Grade, type Purpose } from './consent.ts';
import { foldConsent, type ConsentState } from './consent-ledger.ts';

/** What a ledger says about one channel and purpose, in a line. */
export interface Standing {
  channel: Channel;
  purpose: Purpose;
  state: ConsentState;
  /** The best grade among the consents in force; null when there is none. */
  grade: Grade | null;
  /** When the event was that the state comes from. */
  since: Date;
  expiresAt: Date | null;
  consentId: string;
}

/** Every channel and purpose that a ledger says anything about at a moment; one that a withdrawal reaches is among them. */
export function consentOverview(ledger: readonly ConsentEvent[], at: Date): Standing[] {
  return CHANNELS.flatMap((channel) => PURPOSES.flatMap((purpose) => standingOf(ledger, channel, purpose, at) ?? []));
}

function standingOf(ledger: readonly ConsentEvent[], channel: Channel, purpose: Purpose, at: Date): Standing | null {
  const { state, grants, events, withdrawal } = foldConsent(ledger, channel, purpose, at);
  const granted = events.filter(({ kind }) => kind === 'granted').at(-1);
  const decisive = bestOf(grants) ?? (state === 'revoked' ? withdrawal : granted);
  if (!decisive) return null;
  const { id, happenedAt, expiresAt } = decisive;
  return { channel, purpose, state, grade: bestOf(grants)?.grade ?? null, since: happenedAt, expiresAt, consentId: id };
}

/** The strongest of some consents, the latest of those. */
function bestOf(grants: readonly ConsentEvent[]): ConsentEvent | null {
  return grants.reduce<ConsentEvent | null>((best, grant) => (best && rank(best) > rank(grant) ? best : grant), null);
}

function rank({ grade }: ConsentEvent): number {
  return GRADES.indexOf(grade);
}
