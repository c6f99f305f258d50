export const CHANNELS = ['call', 'sms', 'email'] as const;
export type Channel = (typeof CHANNELS)[number];

/**
 * The closed tree of purposes: a purpose covers everything below it, so a withdrawal of `marketing` reaches
 * `marketing.own`, while a grant of `marketing.own` never reaches `marketing`.
 */
export const PURPOSES = ['marketing', 'marketing.own', 'marketing.partner', 'survey', 'service', 'service.renewal'] as const;
export type Purpose = (typeof PURPOSES)[number];

export const GRADES = ['implied', 'express', 'express_written'] as const;
export type Grade = (typeof GRADES)[number];

export const CONSENT_EVENT_KINDS = ['granted', 'confirmed', 'revoked', 'expired', 'annulled'] as const;
export type ConsentEventKind = (typeof CONSENT_EVENT_KINDS)[number];

/** `waiting`: on record, but a withdrawal stands and only the person's own, explicit act restores what was withdrawn. */
export type ConsentEffect = 'in_force' | 'waiting';

export interface ConsentEvent {
  id: string;
  kind: ConsentEventKind;
  channel: Channel;
  purpose: Purpose;
  grade: Grade;
  effect: ConsentEffect;
  /** When the person did it; the order of the ledger. */
  happenedAt: Date;
  receivedAt: Date;
  expiresAt: Date | null;
  confirmation: 'none' | 'double_opt_in';
}

/** What somebody can say about how a consent was given; free text and addresses among it are personal data. */
export interface ConsentEvidence {
  textVersion?: string | undefined;
  method?: string | undefined;
  url?: string | undefined;
  language?: string | undefined;
  certificate?: string | undefined;
  ipDigest?: string | undefined;
  fileDigest?: string | undefined;
  statement?: string | undefined;
}

/**
 * The grade of a consent whose giver did not name one: written when both the text and the way of agreeing are on record,
 * express when there is any evidence, implied when there is none.
 */
export function gradeOf(given: Grade | undefined, evidence: ConsentEvidence | undefined): Grade {
  if (given) return given;
  if (evidence?.textVersion && evidence.method) return 'express_written';
  const some = evidence && Object.values(evidence).some((value) => value !== undefined && value !== '');
  return some ? 'express' : 'implied';
}

export type ConsentState = 'none' | 'unconfirmed' | 'granted' | 'expired' | 'revoked';

/**
 * One word for a lead's whole ledger at a moment, as lists and search attributes show it: the best state that any channel
 * and purpose has. The gate never uses it; it folds the ledger for the channel and purpose asked about.
 */
export function consentState(events: readonly ConsentEvent[], at: Date): ConsentState {
  const scopes = new Map<string, ConsentEvent[]>();
  for (const event of events) {
    if (event.effect === 'waiting' || event.happenedAt > at) continue;
    const scope = `${event.channel} ${event.purpose}`;
    scopes.set(scope, [...(scopes.get(scope) ?? []), event]);
  }
  const states = [...scopes.values()].map((scope) => scopeState(scope, at));
  const order: ConsentState[] = ['granted', 'unconfirmed', 'expired', 'revoked'];
  return order.find((state) => states.includes(state)) ?? 'none';
}

/** The moment at which the last consent in force lapses by itself, or null when none does. */
export function consentUntil(events: readonly ConsentEvent[], at: Date): Date | null {
  let until: Date | null = null;
  for (const event of events) {
    const stands = event.kind === 'granted' && event.effect === 'in_force' && event.happenedAt <= at;
    if (stands && event.expiresAt && event.expiresAt > at && (!until || event.expiresAt > until)) until = event.expiresAt;
  }
  return until;
}

function scopeState(events: ConsentEvent[], at: Date): ConsentState {
  const ordered = [...events].sort(byHappening);
  const last = ordered.findLast((event) => event.kind !== 'confirmed');
  if (!last) return 'none';
  if (last.kind === 'revoked' || last.kind === 'annulled') return 'revoked';
  if (last.kind === 'expired' || (last.expiresAt && last.expiresAt <= at)) return 'expired';
  const confirmed = ordered.some((event) => event.kind === 'confirmed' && event.happenedAt >= last.happenedAt);
  return last.confirmation === 'double_opt_in' && !confirmed ? 'unconfirmed' : 'granted';
}

/** Ledger order is when things happened; at the same instant a withdrawal comes last, because it wins. */
function byHappening(a: ConsentEvent, b: ConsentEvent): number {
  return a.happenedAt.getTime() - b.happenedAt.getTime() || Number(withdraws(a)) - Number(withdraws(b)) || (a.id < b.id ? -1 : 1);
}

function withdraws(event: ConsentEvent): boolean {
  return event.kind === 'revoked' || event.kind === 'annulled';
}

/**
 * Whether a consent that came along with an acquisition takes effect. It never undoes a withdrawal: where one stands for
 * its channel and purpose, or a purpose above, the consent is kept and waits for the person's own, explicit act.
 */
export function effectOfCarriedConsent(ledger: readonly ConsentEvent[], channel: Channel, purpose: Purpose): ConsentEffect {
  const touching = ledger.filter((event) => event.channel === channel && event.effect === 'in_force' && covers(event, purpose));
  const last = touching.sort(byHappening).at(-1);
  return last && withdraws(last) ? 'waiting' : 'in_force';
}

/** A withdrawal reaches everything below its purpose; any other event only its own. */
function covers(event: ConsentEvent, purpose: Purpose): boolean {
  return event.purpose === purpose || (withdraws(event) && purpose.startsWith(`${event.purpose}.`));
}
