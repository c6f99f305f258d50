import { policiesFor } from '../domain/policies/book.ts';
import type { Law } from '../domain/decide.ts';
import type { Dated, Policy, RuleKind, RuleValues } from '../domain/policy.ts';
import { daysOf } from '../domain/rules/ledger-in-law.ts';
import type { Settings } from '../domain/settings.ts';
import { canonicalJson } from '../proof/canonical-json.ts';
import { sha256Of } from '../proof/digest.ts';

/** The rules that a decision applied, with the name of exactly these values and the document that it is the digest of. */
export interface LawEdition extends Law {
  version: string;
  document: string;
}

/** Where and when somebody is judged. */
interface Place {
  jurisdictions: readonly string[];
  zones: readonly string[];
  at: Date;
}

const EDITIONS_KEPT = 2_000;

/** Finds the law for questions, and remembers what it found: values change by the day. */
export class LawBook {
  readonly #editions = new Map<string, LawEdition>();

  /** The law of some jurisdictions on the local days of a moment, under an edition of the settings. */
  edition({ jurisdictions, zones, at }: Place, { version, settings }: { version: number; settings: Settings }): LawEdition {
    const days = daysOf(zones, at).sort();
    const key = [version, days.join(), jurisdictions.join()].join(' ');
    const known = this.#editions.get(key);
    if (known) return known;
    if (this.#editions.size >= EDITIONS_KEPT) this.#editions.clear();
    const edition = editionOf(policiesFor(jurisdictions), settings, days);
    this.#editions.set(key, edition);
    return edition;
  }
}

function editionOf(policies: readonly Policy[], settings: Settings, days: readonly string[]): LawEdition {
  const pages = [...policies].sort((a, b) => (a.jurisdiction < b.jurisdiction ? -1 : 1)).map((policy) => pageOf(policy, days));
  const document = canonicalJson({ policies: pages, settings });
  return { version: sha256Of(document), document, policies, settings };
}

type Values = { [Kind in RuleKind]?: Dated<RuleValues[Kind]>[] };

interface Page {
  jurisdiction: string;
  name: string;
  isDefault: boolean;
  /** What is applied on the day. */
  inForce: Values;
  /** What is known to come: an answer also says when a reason ends. */
  announced: Values;
  /** What was in force once and still says what was meant by words of that time. */
  past: Values;
  holidays: { source: string; firstYear: number; lastYear: number; days: string[] } | null;
}

/** Values of these kinds are looked up on the day of an earlier fact. */
const LOOKED_BACK: ReadonlySet<string> = new Set<RuleKind>(['optout_scope']);

function pageOf({ jurisdiction, name, isDefault, values, holidays }: Policy, days: readonly string[]): Page {
  const isInForce = ({ from, to }: Dated<unknown>) => days.some((day) => from <= day && (to === undefined || day < to));
  const isAnnounced = (dated: Dated<unknown>) => !isInForce(dated) && days.every((day) => day < dated.from);
  return {
    jurisdiction,
    name,
    isDefault: isDefault === true,
    inForce: pick(values, isInForce),
    announced: pick(values, isAnnounced),
    past: pick(values, (dated, kind) => LOOKED_BACK.has(kind) && !isInForce(dated) && !isAnnounced(dated)),
    holidays: holidays ? { ...holidays, days: [...holidays.days].sort() } : null,
  };
}

function pick(values: Policy['values'], isWanted: (dated: Dated<unknown>, kind: string) => boolean): Values {
  const kinds = Object.entries(values).map(([kind, dated]) => [kind, dated.filter((each) => isWanted(each, kind))] as const);
  return Object.fromEntries(kinds.filter(([, dated]) => dated.length > 0));
}

/** The law behind a policy version, from the document that was kept of it. */
export function lawOf(document: unknown): Law {
  const { policies, settings } = document as { policies: Page[]; settings: Settings };
  return { policies: policies.map(policyOf), settings };
}

function policyOf({ jurisdiction, name, isDefault, inForce, announced, past, holidays }: Page): Policy {
  const values: Record<string, unknown[]> = {};
  for (const [kind, dated] of [past, inForce, announced].flatMap((part) => Object.entries(part))) {
    values[kind] = [...(values[kind] ?? []), ...dated];
  }
  return {
    jurisdiction,
    name,
    values,
    ...(isDefault ? { isDefault: true } : {}),
    ...(holidays ? { holidays: { ...holidays, days: new Set(holidays.days) } } : {}),
  };
}
