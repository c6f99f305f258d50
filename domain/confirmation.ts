import { earliest, plus } from './civil-time.ts';
import type { GateFacts } from './clearance.ts';
import type { Channel, ConsentEvent, Purpose } from './consent.ts';
import { consentScopes, foldConsent } from './consent-ledger.ts';
import type { Settings } from './settings.ts';

/** A message that asks a person to confirm consents, or to give them anew, as a review needs to know it. */
export interface ConfirmationRequest {
  id: string;
  kind: 'confirmation' | 'renewal';
  consentIds: readonly string[];
  requestedAt: Date;
  /** Sent, or given up. */
  isSettled: boolean;
}

/** Consents of one channel and purpose that somebody has to be asked about, or that end together. */
export interface AskedConsents {
  channel: Channel;
  purpose: Purpose;
  consentIds: string[];
}

/** Which consents to ask about now, which lapse because nobody confirmed them, and when to look again. */
export interface ConfirmationPlan {
  ask: AskedConsents[];
  lapse: AskedConsents[];
  next: Date | null;
}

/** What stands in the way of a message, whatever it says. */
type Silence = Pick<GateFacts, 'suppressions' | 'unclearOptOuts'>;

/**
 * What double opt-in asks for at a moment. A consent that waits is asked about at once and reminded of at most twice, counted
 * from the first request; a reminder that was missed is not made up for by two in a row. Then it lapses. Consents of the same
 * channel and purpose that came meanwhile share the requests of the first: a CRM that repeats itself sends nobody a second one.
 */
export function planConfirmation(
  ledger: readonly ConsentEvent[], requests: readonly ConfirmationRequest[], silence: Silence,
  { confirmation }: Pick<Settings, 'confirmation'>, now: Date,
): ConfirmationPlan {
  const plan: ConfirmationPlan = { ask: [], lapse: [], next: null };
  for (const waiting of pendingConsents(ledger, now)) {
    const asked = requests.filter(({ kind, consentIds }) => {
      return kind === 'confirmation' && waiting.consentIds.some((id) => consentIds.includes(id));
    });
    const { lapses, due, next } = schedule(asked.map(({ requestedAt }) => requestedAt), confirmation, now);
    if (lapses) plan.lapse.push(waiting);
    else if (due && mayBeAsked(waiting.channel, silence, now)) plan.ask.push(waiting);
    plan.next = earliest([plan.next, next]);
  }
  return plan;
}

/** The consents that wait for their double opt-in, where no other consent of the same channel and purpose is in force. */
export function pendingConsents(ledger: readonly ConsentEvent[], at: Date): AskedConsents[] {
  return consentScopes(ledger).flatMap(({ channel, purpose }) => {
    const { state, pending } = foldConsent(ledger, channel, purpose, at);
    return state === 'unconfirmed' ? [{ channel, purpose, consentIds: pending.map(({ id }) => id) }] : [];
  });
}

function schedule(asked: readonly Date[], { remindAfter, lapseAfter }: Settings['confirmation'], now: Date) {
  const first = earliest(asked);
  if (!first) return { lapses: false, due: true, next: null };
  const end = plus(first, lapseAfter);
  const last = asked.reduce((one, other) => (one > other ? one : other));
  const reminders = remindAfter.map((delay) => plus(first, delay)).filter((moment) => moment > last && moment < end);
  const next = earliest([...reminders, end].filter((moment) => moment > now));
  return { lapses: end <= now, due: reminders.some((moment) => moment <= now), next };
}

/**
 * Whether a person may be written to about a channel: not while an own suppression or an unread statement stands against it, or
 * against e-mail, which is the way the message takes.
 */
export function mayBeAsked(channel: Channel, { suppressions, unclearOptOuts }: Silence, now: Date): boolean {
  const touches = (other: Channel | 'all') => other === 'all' || other === 'email' || other === channel;
  const isSilenced = suppressions.some(({ kind, channel: other, reportedAt, liftedAt }) => {
    const stands = reportedAt <= now && (!liftedAt || liftedAt > now);
    return stands && (touches(other) || kind === 'wrong_number' || kind === 'litigant');
  });
  return !isSilenced && !unclearOptOuts.some((statement) => touches(statement.channel));
}
