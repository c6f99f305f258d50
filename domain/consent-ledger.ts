import { covers, speaksFor, type Channel, type ConsentEffect, type ConsentEvent, type Purpose } from './consent.ts';

export type ConsentState = 'none' | 'unconfirmed' | 'granted' | 'expired' | 'revoked';

/** What a ledger says about one channel and purpose at a moment. */
export interface ConsentStanding<Event extends ConsentEvent> {
  state: ConsentState;
  /** The consents in force. */
  grants: Event[];
  /** Those that would be, once they are confirmed. */
  pending: Event[];
  /** The withdrawal that stands. */
  withdrawal: Event | null;
  /** Every event that concerns the channel and purpose, in the order in which they happened. */
  events: Event[];
}

/**
 * Folds a ledger for one channel and purpose: the same for every order of arrival. A withdrawal ends all consents before it
 * and stands until a later one that the person gave for its own sake; one that was carried in with an acquisition, or that
 * nobody has confirmed yet, does not end it. What a file says undoes withdrawals of that file only. A consent is lapsed at its
 * end itself.
 */
export function foldConsent<Event extends ConsentEvent>(
  ledger: readonly Event[], channel: Channel, purpose: Purpose, at: Date,
): ConsentStanding<Event> {
  const events = eventsUntil(ledger, channel, purpose, at);
  const { given, withdrawals } = givenBy(events);
  const withdrawal = withdrawals.find(({ kind }) => kind === 'revoked') ?? withdrawals.at(-1) ?? null;
  const unlapsed = given.filter((event) => !isLapsed(event, events, at));
  const grants = unlapsed.filter((event) => isConfirmed(event, events));
  const pending = unlapsed.filter((event) => !isConfirmed(event, events));
  const state = stateOf(withdrawal !== null, given.length, unlapsed.length, grants.length);
  return { state, grants, pending, events, withdrawal };
}

/** What concerns a channel and purpose and has happened, in the order of the ledger. */
function eventsUntil<Event extends ConsentEvent>(
  ledger: readonly Event[], channel: Channel, purpose: Purpose, at: Date,
): Event[] {
  return ledger.filter((event) => event.happenedAt <= at && reaches(event, channel, purpose)).sort(byHappening);
}

function givenBy<Event extends ConsentEvent>(events: readonly Event[]): Given<Event> {
  const nothing: Given<Event> = { given: [], withdrawals: [] };
  return events.reduce((so, event) => takeIn(so, event, events), nothing);
}

interface Given<Event> {
  given: Event[];
  /** Those that stand. */
  withdrawals: Event[];
}

/** What a register annulled nobody withdrew: any later consent stands again, unless the person had said no before. */
function takeIn<Event extends ConsentEvent>(
  so: Given<Event>, event: Event, events: readonly Event[],
): Given<Event> {
  const { given, withdrawals } = so;
  if (withdraws(event)) return { given: [], withdrawals: [...withdrawals, event] };
  if (event.kind !== 'granted' || withdrawals.some((said) => said.kind === 'revoked' && !undoes(event, said))) return so;
  return { given: [...given, event], withdrawals: isConfirmed(event, events) ? [] : withdrawals };
}

function undoes({ carried, file }: ConsentEvent, said: ConsentEvent): boolean {
  return file ? file.ownAct && speaksFor(file, said.file) : !carried;
}

function stateOf(withdrawn: boolean, given: number, unlapsed: number, standing: number): ConsentState {
  if (standing > 0) return 'granted';
  if (unlapsed > 0) return 'unconfirmed';
  if (withdrawn) return 'revoked';
  return given > 0 ? 'expired' : 'none';
}

function isLapsed(grant: ConsentEvent, events: readonly ConsentEvent[], at: Date): boolean {
  if (grant.expiresAt && grant.expiresAt <= at) return true;
  return events.some((event) => event.kind === 'expired' && event.happenedAt >= grant.happenedAt);
}

function isConfirmed(grant: ConsentEvent, events: readonly ConsentEvent[]): boolean {
  if (grant.confirmation === 'none') return true;
  return events.some((event) => {
    return event.kind === 'confirmed' && event.happenedAt >= grant.happenedAt && speaksFor(event.file, grant.file);
  });
}

/** Whether an event takes consents away. */
export function withdraws(event: ConsentEvent): boolean {
  return event.kind === 'revoked' || event.kind === 'annulled';
}

/** Whether an event concerns a channel and purpose: a withdrawal reaches everything below its purpose, any other only its own. */
export function reaches(event: ConsentEvent, channel: Channel, purpose: Purpose): boolean {
  if (!withdraws(event)) return event.channel === channel && event.purpose === purpose;
  return (event.channel === 'all' || event.channel === channel) && (event.purpose === 'all' || covers(event.purpose, purpose));
}

/** Ledger order is when things happened; at the same instant a withdrawal comes last, because it wins. */
function byHappening(a: ConsentEvent, b: ConsentEvent): number {
  return a.happenedAt.getTime() - b.happenedAt.getTime() || Number(withdraws(a)) - Number(withdraws(b)) || (a.id < b.id ? -1 : 1);
}

const BEST_FIRST: readonly ConsentState[] = ['granted', 'unconfirmed', 'expired', 'revoked'];

/**
 * One word for a lead's whole ledger at a moment, as lists and search attributes show it: the best state that any channel
 * and purpose has. The gate never uses it; it folds the ledger for the channel and purpose asked about.
 */
export function consentState(ledger: readonly ConsentEvent[], at: Date): ConsentState {
  const states = consentScopes(ledger).map(({ channel, purpose }) => foldConsent(ledger, channel, purpose, at).state);
  if (ledger.some((event) => withdraws(event) && event.happenedAt <= at)) states.push('revoked');
  return BEST_FIRST.find((state) => states.includes(state)) ?? 'none';
}

/** The channels and purposes that a ledger names, each pair once. */
export function consentScopes(ledger: readonly ConsentEvent[]): { channel: Channel; purpose: Purpose }[] {
  const scopes = new Map<string, { channel: Channel; purpose: Purpose }>();
  for (const { channel, purpose } of ledger) {
    if (channel !== 'all' && purpose !== 'all') scopes.set(`${channel} ${purpose}`, { channel, purpose });
  }
  return [...scopes.values()];
}

/** The moment at which the last consent in force lapses by itself, or null when none does. */
export function consentUntil(ledger: readonly ConsentEvent[], at: Date): Date | null {
  const standing = consentScopes(ledger).flatMap(({ channel, purpose }) => foldConsent(ledger, channel, purpose, at).grants);
  const ends = standing.flatMap(({ expiresAt }) => (expiresAt ? [expiresAt.getTime()] : []));
  return ends.length === 0 ? null : new Date(Math.max(...ends));
}

/**
 * Whether a consent that came along with an acquisition takes effect. It never undoes a withdrawal: where one stands for
 * its channel and purpose, or a purpose above, the consent is kept and waits for the person's own, explicit act. What a register
 * annulled nobody withdrew.
 */
export function effectOfCarriedConsent(ledger: readonly ConsentEvent[], channel: Channel, purpose: Purpose): ConsentEffect {
  const touching = ledger.filter(({ effect, kind }) => effect === 'in_force' && kind !== 'annulled');
  const last = touching.filter((event) => reaches(event, channel, purpose)).sort(byHappening).at(-1);
  return last?.kind === 'revoked' ? 'waiting' : 'in_force';
}

/**
 * Whether a consent of a file takes effect, in a ledger that has it already. It waits for the person's own, explicit act where
 * a withdrawal stands that is on record from elsewhere, or one of its own file that it follows and does not undo.
 */
export function effectOfFiledConsent(ledger: readonly ConsentEvent[], grant: ConsentEvent, at: Date): ConsentEffect {
  if (grant.channel === 'all' || grant.purpose === 'all') return 'in_force';
  const { withdrawals } = givenBy(eventsUntil(ledger, grant.channel, grant.purpose, at));
  const isHeldBack = withdrawals.some((said) => {
    if (said.kind !== 'revoked' || undoes(grant, said)) return false;
    return !speaksFor(grant.file, said.file) || said.happenedAt <= grant.happenedAt;
  });
  return isHeldBack ? 'waiting' : 'in_force';
}
