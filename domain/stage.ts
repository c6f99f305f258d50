import type { GateFacts, Reason, ReasonCode } from './clearance.ts';
import type { LeadFacts, Stage } from './lead.ts';

/** How one channel stands with a person, whatever the hour. */
type Standing = 'open' | 'waiting' | 'wanting' | 'dead';

/** What only the person, or somebody outside who speaks of the number, can undo. */
const DEAD: ReadonlySet<ReasonCode> = new Set(['suppressed', 'consent_revoked', 'consent_expired', 'dnc_listed', 'reassigned']);

/**
 * The stage of a lead, by what stands against each of the channels on which it can be reached. A channel without a consent that
 * it never had is no reason to give a lead up, but neither is it one to keep it when everything that there was has ended. What
 * the company itself can cure, such as a list that was not loaded, ends nothing.
 */
export function stageOf(
  facts: LeadFacts, { suppressions }: GateFacts, channels: readonly (readonly Reason[])[], now: Date,
): Stage {
  if (facts.disposedAt) return 'disposed';
  if (facts.archivedAt) return 'archived';
  // An opt-out from everything stands against each channel by itself; these do whatever the channel they came from.
  const isFinal = suppressions.some(({ kind, reportedAt, liftedAt }) => {
    const stands = reportedAt <= now && (!liftedAt || liftedAt > now);
    return stands && (kind === 'wrong_number' || kind === 'litigant');
  });
  if (isFinal) return 'suppressed';
  const standings = channels.map(standingOf);
  if (standings.includes('open')) return 'active';
  if (standings.includes('waiting')) return 'confirming';
  return standings.includes('dead') ? 'suppressed' : 'active';
}

function standingOf(reasons: readonly Reason[]): Standing {
  const has = (code: ReasonCode) => reasons.some((reason) => reason.code === code);
  const isSilencedForGood = reasons.some(({ code, notBefore }) => code === 'cooldown' && notBefore === null);
  if (isSilencedForGood || reasons.some(({ code }) => DEAD.has(code))) return 'dead';
  if (has('consent_unconfirmed')) return 'waiting';
  return has('consent_missing') || has('consent_grade') ? 'wanting' : 'open';
}
