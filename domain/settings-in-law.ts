import { plus } from './civil-time.ts';
import type { Confidence, Dated, Policy, RuleKind, RuleValues } from './policy.ts';
import type { Settings } from './settings.ts';

/** A setting that is looser than a law, and that law. */
export interface Breach {
  /** JSON pointer into the settings. */
  pointer: string;
  rule: RuleKind;
  jurisdiction: string;
  source: string;
  confidence: Confidence;
  /** The loosest value that the law leaves. */
  atLeast: string;
}

/**
 * Where a company's settings are looser than a law that holds on a local day (`YYYY-MM-DD`) or is to come. Quiet times are
 * the only settings that have a counterpart in law: attempts, lists and consents of law are asked for whatever the settings
 * say, and a duty to keep evidence outlasts every wish to forget it. A quiet time without end lets no setting be stricter.
 */
export function breaches(settings: Settings, policies: Iterable<Policy>, day: string): Breach[] {
  return [...policies].flatMap((policy) => {
    const laws = (policy.values.cooldown ?? []).filter(({ to }) => to === undefined || day < to);
    return laws.flatMap((law) => breachOf(settings, policy.jurisdiction, law) ?? []);
  });
}

function breachOf({ cooldown }: Settings, jurisdiction: string, law: Dated<RuleValues['cooldown']>): Breach | null {
  const { after, period } = law.value;
  if (period === null) return null;
  const own = cooldown[after];
  if (own !== undefined && !isShorter(own, period)) return null;
  const { source, confidence } = law;
  return { pointer: `/cooldown/${after}`, rule: 'cooldown', jurisdiction, source, confidence, atLeast: period };
}

const DAY_MS = 86_400_000;
/** Every day of four years, one of them a leap year: months are not equally long. */
const STARTS = Array.from({ length: 1_461 }, (_, day) => new Date(Date.UTC(2024, 0, 1) + day * DAY_MS));

/** Whether a duration can end before another one that starts at the same moment. */
export function isShorter(duration: string, other: string): boolean {
  return STARTS.some((start) => plus(start, duration) < plus(start, other));
}
