import type { Question, Reason } from '../domain/clearance.ts';
import type { Law } from '../domain/decide.ts';
import type { RuleKind } from '../domain/policy.ts';
import { applicable, situationOf, type Applicable } from '../domain/rules/situation.ts';
import type { AppliedValue } from '../proof/clearance-proof.ts';
import type { RecordedFacts } from './recorded-facts.ts';

/** Which rule a reason rests on. */
type Named = readonly Pick<Reason, 'jurisdiction' | 'rule'>[];

/** What a decision consults; deadlines and retention are asked by others. */
const CONSULTED = [
  'call_window', 'attempt_cap', 'cooldown', 'consent_required', 'list_freshness', 'registry_effect', 'relationship_exemption',
  'optout_scope', 'reassigned_check', 'dialer_mode', 'abandonment', 'caller_id_series',
] as const satisfies readonly RuleKind[];

/** Every value of law and of the company's settings that a question was judged by, those that gave a reason first. */
export function appliedValues(
  { question, facts, at }: RecordedFacts, law: Law, { reasons, settingsVersion }: { reasons: Named; settingsVersion: number },
): AppliedValue[] {
  const situation = situationOf(question, facts, law, at);
  const inLaw = CONSULTED.flatMap((kind) => {
    return applicable(situation, kind).filter(concerns(question)).map((each) => rowOf(kind, each));
  });
  const own = { caps: law.settings.caps, cooldown: law.settings.cooldown };
  const ownRows = Object.entries(own).map(([rule, value]): AppliedValue => {
    return { jurisdiction: 'company', rule, value, source: `settings, version ${settingsVersion}`, confidence: 'own' };
  });
  const gaveReason = ({ jurisdiction, rule }: AppliedValue) => {
    return reasons.some((reason) => reason.jurisdiction === jurisdiction && (reason.rule === rule || jurisdiction === 'company')) ? 0 : 1;
  };
  return [...inLaw, ...ownRows].sort((one, other) => gaveReason(one) - gaveReason(other));
}

/** Values that name channels say nothing about others. */
function concerns({ channel }: Question): (each: Applicable<RuleKind>) => boolean {
  return ({ value }) => !('channels' in value) || value.channels.includes(channel);
}

function rowOf(rule: RuleKind, { policy, dated }: Applicable<RuleKind>): AppliedValue {
  const { value, source, confidence } = dated;
  return { jurisdiction: policy.jurisdiction, rule, value, source, confidence };
}
