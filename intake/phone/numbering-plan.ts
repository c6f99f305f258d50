import metadata from 'libphonenumber-js/max/metadata';

/** One numbering plan of the library's /max metadata, its patterns compiled once instead of once per number. */
export type NumberingPlan = {
  readonly callingCode: string;
  /** ISO alpha-2; undefined for a plan that belongs to no country (+800, +870, ...). */
  readonly country: string | undefined;
  /** Possible lengths of the national number, ascending. */
  readonly lengths: readonly number[];
  readonly nationalNumber: RegExp;
  readonly internationalPrefix: RegExp;
  readonly nationalPrefix: RegExp | undefined;
  /** True when a captured national prefix is replaced by other digits rather than dropped. */
  readonly rewritesPrefix: boolean;
  readonly leadingDigits: RegExp | undefined;
  /** At index n the patterns of all number types that may have n digits. */
  readonly typesByLength: readonly (RegExp | undefined)[];
};

// The positions of metadata format 4. Absent fields hold 0 or are cut off at the end.
type PlanRecord = readonly [
  callingCode: string, internationalPrefix: string, nationalNumber: string, lengths: readonly number[], formats: unknown,
  nationalPrefix?: string | 0, prefixFormat?: unknown, prefixForParsing?: string | 0, prefixRewrite?: string | 0,
  prefixOptional?: unknown, leadingDigits?: string | 0, types?: readonly TypeRecord[],
];
type TypeRecord = 0 | readonly [pattern: string, lengths?: readonly number[]];

const KNOWN_FORMAT = 4;
if (metadata.version !== KNOWN_FORMAT) {
  throw new Error(`the phone metadata have format ${metadata.version}; numbering-plan.ts reads format ${KNOWN_FORMAT} only`);
}

const COUNTRIES = new Map(Object.entries(metadata.countries as unknown as Record<string, PlanRecord>));
const NON_GEOGRAPHIC = new Map(Object.entries(metadata.nonGeographic as unknown as Record<string, PlanRecord>));
const COUNTRIES_OF_CODE = new Map<string, readonly string[]>(Object.entries(metadata.country_calling_codes));
const compiled = new Map<string, NumberingPlan>();
const compiledByCode = new Map<string, readonly NumberingPlan[]>();

/** The plan of a country (ISO alpha-2, any case), or undefined when the library does not know the country. */
export function planOfCountry(region: string): NumberingPlan | undefined {
  const known = compiled.get(region);
  if (known) return known;
  // Letters beyond ASCII are shut out first: some have upper-case forms within it.
  const country = /^\s*[a-z]{2}\s*$/i.test(region) ? region.trim().toUpperCase() : '';
  const record = COUNTRIES.get(country);
  return record && remember(country, record);
}

/** Every plan that shares a calling code (1 to 3 digits), the main one first; empty for a code that is not in use. */
export function plansOfCallingCode(callingCode: string): readonly NumberingPlan[] {
  let plans = compiledByCode.get(callingCode);
  if (plans === undefined) compiledByCode.set(callingCode, plans = readPlansOfCallingCode(callingCode));
  return plans;
}

/** Whether the national number is valid in this plan: matches the plan and one of its number types. */
export function isValidIn(plan: NumberingPlan, nationalNumber: string): boolean {
  return plan.typesByLength[nationalNumber.length]?.test(nationalNumber) === true && plan.nationalNumber.test(nationalNumber);
}

function readPlansOfCallingCode(callingCode: string): readonly NumberingPlan[] {
  const shared = COUNTRIES_OF_CODE.get(callingCode);
  if (shared) return shared.flatMap((country) => planOfCountry(country) ?? []);
  const record = NON_GEOGRAPHIC.get(callingCode);
  return record ? [compile(undefined, record)] : [];
}

function remember(country: string, record: PlanRecord): NumberingPlan {
  const plan = compiled.get(country) ?? compile(country, record);
  compiled.set(country, plan);
  return plan;
}

function compile(country: string | undefined, record: PlanRecord): NumberingPlan {
  const [callingCode, internationalPrefix, nationalNumber, lengths, , nationalPrefix, , ...rest] = record;
  const [prefixForParsing, prefixRewrite, , leadingDigits, types] = rest;
  const prefix = prefixForParsing || nationalPrefix;
  return {
    callingCode,
    country,
    lengths,
    nationalNumber: whole(nationalNumber),
    internationalPrefix: start(internationalPrefix),
    nationalPrefix: prefix ? start(prefix) : undefined,
    rewritesPrefix: Boolean(prefixRewrite),
    leadingDigits: leadingDigits ? start(leadingDigits) : undefined,
    typesByLength: compileTypes(types ?? [[nationalNumber]], lengths),
  };
}

function compileTypes(types: readonly TypeRecord[], lengths: readonly number[]): (RegExp | undefined)[] {
  const patterns: (string[] | undefined)[] = [];
  for (const type of types) {
    // An empty pattern says "the same as fixed line", which is in the list already.
    if (type === 0 || type[0] === '') continue;
    for (const length of type[1] ?? lengths) (patterns[length] ??= []).push(type[0]);
  }
  return Array.from(patterns, (alternatives) => alternatives && whole(alternatives.join('|')));
}

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

function start(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})`);
}
