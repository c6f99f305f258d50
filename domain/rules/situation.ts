import { REASON_EFFECTS, type GateConsent, type GateFacts, type Question, type Reason, type ReasonCode } from '../clearance.ts';
import { foldConsent, type ConsentStanding } from '../consent-ledger.ts';
import { inForce, type Dated, type Policy, type RuleKind, type RuleValues } from '../policy.ts';
import type { Settings } from '../settings.ts';
import { daysOf, ledgerInLaw } from './ledger-in-law.ts';

/** One question about one person at one moment, with what is known then: what every rule looks at. */
export interface Situation {
  question: Question;
  /** Only what had happened when the question was asked. */
  facts: GateFacts;
  policies: readonly Policy[];
  settings: Settings;
  zones: readonly string[];
  /** The moment that is judged. */
  at: Date;
  consent: ConsentStanding<GateConsent>;
  /** Text messages are bound by the rules for calls; e-mail is not. */
  isPhone: boolean;
  /** The local days of that moment, over all zones. */
  days: readonly string[];
}

/** A value of law in force, and whose it is. */
export interface Applicable<K extends RuleKind> {
  policy: Policy;
  dated: Dated<RuleValues[K]>;
  value: RuleValues[K];
}

/** What is known at a moment: whatever happened later is left out, however early it was learned. */
export function situationOf(
  question: Question, facts: GateFacts, law: { policies: readonly Policy[]; settings: Settings }, at: Date,
): Situation {
  const { policies, settings } = law;
  const zones = facts.lead?.zones ?? [];
  const isPhone = question.channel !== 'email';
  return judgedAt({ question, facts: knownAt(facts, at), policies, settings, zones, isPhone }, at);
}

/** The same knowledge, judged at another moment. */
export function judgedAt(situation: Omit<Situation, 'at' | 'consent' | 'days'>, at: Date): Situation {
  const { question, facts, policies, zones } = situation;
  const ledger = ledgerInLaw(facts, question, { policies, zones }, at);
  return { ...situation, at, days: daysOf(zones, at), consent: foldConsent(ledger, question.channel, question.purpose, at) };
}

function knownAt(facts: GateFacts, at: Date): GateFacts {
  return {
    ...facts,
    acquisitions: facts.acquisitions.filter(({ acquiredAt }) => acquiredAt <= at),
    consents: facts.consents.filter(({ happenedAt }) => happenedAt <= at),
    suppressions: facts.suppressions.filter(({ reportedAt, liftedAt }) => reportedAt <= at && (!liftedAt || liftedAt > at)),
    relationships: facts.relationships.filter((relationship) => relationship.at <= at),
    contacts: facts.contacts.filter(({ startedAt }) => startedAt <= at),
    reassigned: facts.reassigned && facts.reassigned.askedAt <= at ? facts.reassigned : null,
    portings: facts.portings.filter((porting) => porting.at <= at),
    unclearOptOuts: facts.unclearOptOuts.filter(({ statedAt }) => statedAt <= at),
  };
}

/** The values of one kind that are in force at the moment judged, on the calendar of any candidate zone. */
export function applicable<K extends RuleKind>({ policies, days }: Situation, kind: K): Applicable<K>[] {
  const found: Applicable<K>[] = [];
  for (const policy of policies) {
    if (!policy.values[kind]) continue;
    const values = days.flatMap((day) => inForce(policy, kind, day));
    for (const dated of new Set(values)) found.push({ policy, dated, value: dated.value });
  }
  return found;
}

interface ReasonDetails {
  facts: readonly string[];
  notBefore?: Date | null;
}

/** A reason that rests on a value of law. */
export function reasonOf<K extends RuleKind>(
  code: ReasonCode, kind: K, { policy, dated }: Applicable<K>, { facts, notBefore = null }: ReasonDetails,
): Reason {
  return {
    code,
    effect: REASON_EFFECTS[code],
    jurisdiction: policy.jurisdiction,
    rule: kind,
    source: dated.source,
    confidence: dated.confidence,
    ...(policy.isDefault ? { default: true as const } : {}),
    notBefore,
    facts,
  };
}

/** A reason of the company's own: its books, or its settings. */
export function ownReason(
  code: ReasonCode, source: string, { facts = [], notBefore = null }: Partial<ReasonDetails> = {},
): Reason {
  return { code, effect: REASON_EFFECTS[code], jurisdiction: 'company', rule: 'company', source, notBefore, facts };
}
