import type { GateConsent, GateFacts, Question } from '../../domain/clearance.ts';
import { laterOnTheWall, wallIn } from './clocks.ts';

export type ConsentWord = 'granted' | 'consent_missing' | 'consent_unconfirmed' | 'consent_expired' | 'consent_revoked' | 'consent_grade';

const RANK: Record<string, number> = { implied: 0, express: 1, express_written: 2 };

/** What a consent has to be for one need. */
export interface Need {
  grade: string;
  method?: string;
  namesSeller?: true;
  after?: Date;
  monthsWithoutEnd?: number;
}

function reaches(said: GateConsent, question: Question): boolean {
  const channel = said.channel === 'all' || said.channel === question.channel;
  const purpose = said.purpose === 'all' || said.purpose === question.purpose || question.purpose.startsWith(`${said.purpose}.`);
  return channel && purpose;
}

function isFor(event: GateConsent, question: Question): boolean {
  return event.channel === question.channel && event.purpose === question.purpose;
}

function known(facts: GateFacts, at: Date): readonly GateConsent[] {
  return facts.consents.filter((event) => event.happenedAt <= at);
}

/** Since the end of January 2027 an opt-out in the United States is one from everything. */
export function isFromRevokeAllOn(at: Date, facts: GateFacts): boolean {
  return zonesOf(facts).some((zone) => wallIn(at, zone).day >= '2027-01-31');
}

function withdrawals(question: Question, facts: GateFacts, at: Date): GateConsent[] {
  const inAmerica = facts.lead?.jurisdictions.includes('US') ?? false;
  const reachesAll = ({ happenedAt }: GateConsent) => inAmerica && isFromRevokeAllOn(happenedAt, facts);
  return known(facts, at).filter((event) => event.kind === 'revoked' && (reachesAll(event) || reaches(event, question)));
}

function isConfirmed(grant: GateConsent, question: Question, facts: GateFacts, at: Date): boolean {
  if (grant.confirmation === 'none') return true;
  return known(facts, at).some((event) => event.kind === 'confirmed' && isFor(event, question) && event.happenedAt >= grant.happenedAt);
}

/** Whether a withdrawal was undone by the person's own, confirmed consent before some moment. */
function isUndone(withdrawal: GateConsent, question: Question, facts: GateFacts, at: Date, before = at): boolean {
  return known(facts, at).some((event) => event.kind === 'granted' && isFor(event, question) && !event.carried
    && event.happenedAt > withdrawal.happenedAt && event.happenedAt <= before && isConfirmed(event, question, facts, at));
}

/** A withdrawal that nothing of the person's own undid. */
export function standingWithdrawal(question: Question, facts: GateFacts, at: Date): GateConsent | null {
  return withdrawals(question, facts, at).find((event) => !isUndone(event, question, facts, at)) ?? null;
}

/** Consents since the last withdrawal; those that came along with an acquisition only where it had been undone before. */
function grantsGiven(question: Question, facts: GateFacts, at: Date): GateConsent[] {
  const no = withdrawals(question, facts, at);
  return known(facts, at).filter((event) => event.kind === 'granted' && isFor(event, question)
    && no.every((withdrawal) => withdrawal.happenedAt < event.happenedAt)
    && (!event.carried || no.every((withdrawal) => isUndone(withdrawal, question, facts, at, event.happenedAt))));
}

function hasEnded({ expiresAt }: GateConsent, at: Date): boolean {
  return expiresAt !== null && expiresAt <= at;
}

/** Consents that stand: given, confirmed and not at their end. */
export function grantsInForce(question: Question, facts: GateFacts, at: Date): GateConsent[] {
  return grantsGiven(question, facts, at).filter((grant) => !hasEnded(grant, at) && isConfirmed(grant, question, facts, at));
}

/** How far the consents to a question's channel and purpose meet a need. */
export function consentFor(question: Question, facts: GateFacts, at: Date, need: Need): ConsentWord {
  const given = grantsGiven(question, facts, at);
  const withdrawn = standingWithdrawal(question, facts, at) !== null;
  if (withdrawn && given.every((grant) => hasEnded(grant, at))) return 'consent_revoked';
  if (given.length === 0) return 'consent_missing';
  const younger = given.filter((grant) => !need.after || grant.happenedAt >= need.after);
  if (younger.length === 0) return 'consent_revoked';
  const lasting = younger.filter((grant) => !hasEnded(grant, at));
  if (lasting.length === 0) return 'consent_expired';
  const confirmed = lasting.filter((grant) => isConfirmed(grant, question, facts, at));
  if (confirmed.length === 0) return 'consent_unconfirmed';
  return confirmed.some((grant) => isGood(grant, need, facts, at)) ? 'granted' : 'consent_grade';
}

function isGood(grant: GateConsent, need: Need, facts: GateFacts, at: Date): boolean {
  if (Number(RANK[grant.grade]) < Number(RANK[need.grade])) return false;
  if (need.method !== undefined && grant.method !== need.method) return false;
  if (need.namesSeller && !grant.namesSeller) return false;
  const months = need.monthsWithoutEnd;
  if (months === undefined || grant.expiresAt) return true;
  return zonesOf(facts).every((zone) => at < laterOnTheWall(grant.happenedAt, months, 0, zone));
}

export function zonesOf(facts: GateFacts): readonly string[] {
  const zones = facts.lead?.zones ?? [];
  return zones.length > 0 ? zones : ['UTC'];
}
