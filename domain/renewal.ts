import { earliest, plus } from './civil-time.ts';
import type { GateFacts } from './clearance.ts';
import { mayBeAsked, type AskedConsents, type ConfirmationRequest } from './confirmation.ts';
import type { ConsentEvent } from './consent.ts';
import { consentScopes, foldConsent } from './consent-ledger.ts';
import type { Settings } from './settings.ts';

/** Which consents a person is to be asked to give anew, and when the next one will be. */
export interface RenewalPlan {
  renew: AskedConsents[];
  next: Date | null;
}

/**
 * The consents in force that lapse soon, each asked about once: from `renewal.before` its end, but never in the first half of its
 * life. One that another consent of the same channel and purpose outlasts needs no renewal.
 */
export function planRenewal(
  ledger: readonly ConsentEvent[], requests: readonly ConfirmationRequest[],
  silence: Pick<GateFacts, 'suppressions' | 'unclearOptOuts'>, { renewal }: Pick<Settings, 'renewal'>, now: Date,
): RenewalPlan {
  const plan: RenewalPlan = { renew: [], next: null };
  const { before } = renewal;
  if (before === undefined) return plan;
  const known = new Set(requests.flatMap(({ kind, consentIds }) => (kind === 'renewal' ? consentIds : [])));
  for (const { channel, purpose } of consentScopes(ledger)) {
    const ending = lastOf(foldConsent(ledger, channel, purpose, now).grants);
    if (!ending || known.has(ending.id)) continue;
    const due = dueAt(ending, before);
    if (due > now) plan.next = earliest([plan.next, due]);
    else if (mayBeAsked(channel, silence, now)) plan.renew.push({ channel, purpose, consentIds: [ending.id] });
  }
  return plan;
}

type Ending = ConsentEvent & { expiresAt: Date };

/** The consent that ends last; null when one of them has no end, or there is none. */
function lastOf(grants: readonly ConsentEvent[]): Ending | null {
  const ending = grants.filter((grant): grant is Ending => grant.expiresAt !== null);
  if (ending.length < grants.length) return null;
  return ending.reduce<Ending | null>((last, grant) => (last && last.expiresAt >= grant.expiresAt ? last : grant), null);
}

function dueAt({ happenedAt, expiresAt }: Ending, before: string): Date {
  const middle = new Date((happenedAt.getTime() + expiresAt.getTime()) / 2);
  const wanted = plus(expiresAt, before, -1);
  return wanted > middle ? wanted : middle;
}
