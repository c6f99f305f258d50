import { z } from 'zod';
import { DEFAULT_POLICY, POLICIES } from '../domain/policies/book.ts';
import { CONFIDENCES, type Dated, type Policy, type RuleKind, type RuleValues } from '../domain/policy.ts';
import { DomainError } from '../domain/problem.ts';
import { isCountry } from '../intake/country.ts';
import { tagged } from './answers.ts';
import { instant } from './fields.ts';
import { lawPage } from './law-page.ts';
import { valuesOf, wordsOf } from './law-words.ts';
import { ANYONE } from './roles.ts';
import { route } from './route.ts';

const STYLED_PAGE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

const day = z.iso.date().meta({ examples: ['2026-10-18'] });

const summary = z
  .object({
    jurisdiction: z.string().meta({ description: 'ISO 3166; `*` for the page that stands in for all others', examples: ['US-FL'] }),
    name: z.string(),
    values: z.int(),
    unconfirmed: z.int().meta({ description: 'Values that wait for counsel; they are enforced all the same' }),
    default: z.literal(true).optional().meta({ description: 'It is the page that stands in where there are no values of its own' }),
  })
  .meta({ id: 'PolicySummary' });

const value = z
  .object({
    rule: z.string().meta({ examples: ['call_window'] }),
    inForce: z.boolean().meta({ description: 'On the day asked about' }),
    from: day,
    to: day.nullable().meta({ description: 'The first day on which it no longer holds' }),
    says: z.string().meta({ description: 'The value in words' }),
    value: z.looseObject({}).meta({ description: 'The value as the rules read it' }),
    source: z.string(),
    confidence: z.enum(CONFIDENCES),
    verifiedAt: day,
  })
  .meta({ id: 'PolicyValue' });

const policyView = summary
  .extend({
    at: day,
    rules: z.array(value),
    holidays: z
      .object({ source: z.string(), days: z.array(day) })
      .nullable()
      .meta({ description: 'Public holidays of that year, where a rule asks for them' }),
  })
  .meta({ id: 'Policy' });

const list = route({
  method: 'get',
  path: '/v1/policies',
  operation: 'listPolicies',
  tag: 'Policies',
  summary: 'List the jurisdictions on file',
  description: 'Every jurisdiction with values of its own, and the page that stands in for all others.',
  roles: ANYONE,
  answers: { 200: { description: 'The jurisdictions', schema: z.object({ items: z.array(summary) }).meta({ id: 'PolicyList' }) } },
  handle: () => ({ status: 200, body: { items: [...POLICIES.values(), DEFAULT_POLICY].map(summaryOf) } }),
});

const read = route({
  method: 'get',
  path: '/v1/policies/{jurisdiction}',
  operation: 'readPolicy',
  tag: 'Policies',
  summary: 'Read the law of a jurisdiction',
  description:
    'Every value with its dates, its source and how well it was checked, and whether it is in force on a day (`at`; today when left out). ' +
    'Values of the past and of the future are there as well. A country without values of its own is answered with those that stand in for them.',
  roles: ANYONE,
  params: z.object({ jurisdiction: z.string().regex(/^(\*|[A-Z]{2}(-[A-Z0-9]{1,3})?)$/) }),
  unknown: 'unknown_policy',
  query: z.strictObject({ at: z.union([z.iso.date().transform((text) => new Date(text)), instant]).optional() }),
  answers: { 200: { description: 'The law', schema: policyView } },
  problems: ['unknown_policy'],
  handle(context, { params, query }) {
    const policy = policyOf(params.jurisdiction);
    return { status: 200, body: viewOf(policy, (query.at ?? context.now()).toISOString().slice(0, 10)) };
  },
});

const page = route({
  method: 'get',
  path: '/docs/law',
  operation: 'showLaw',
  tag: 'Policies',
  summary: 'The law on file as a page',
  description: 'Tables for counsel to read and to print; log in with any name and an API key as password.',
  roles: ANYONE,
  basic: true,
  answers: { 200: { description: 'The page', type: 'text/html' } },
  handle(context) {
    const data = lawPage(context.now().toISOString().slice(0, 10));
    const headers = { ...tagged(data), 'content-security-policy': STYLED_PAGE };
    return { status: 200, headers, content: { type: 'text/html; charset=utf-8', data } };
  },
});

export const policyRoutes = [list, read, page];

/** The page that binds in the name of a jurisdiction. A part of a country without one of its own adds nothing to that. */
function policyOf(jurisdiction: string): Policy {
  const own = POLICIES.get(jurisdiction);
  if (own) return own;
  if (jurisdiction === DEFAULT_POLICY.jurisdiction || isCountry(jurisdiction)) return { ...DEFAULT_POLICY, jurisdiction };
  throw new DomainError('unknown_policy', 'No values are on file for it: the list of policies names those with some.');
}

function summaryOf(policy: Policy): z.infer<typeof summary> {
  const values = Object.values(policy.values).flat();
  const unconfirmed = values.filter(({ confidence }) => confidence === 'unconfirmed').length;
  const standsIn = policy.isDefault ? { default: true as const } : {};
  return { jurisdiction: policy.jurisdiction, name: policy.name, values: values.length, unconfirmed, ...standsIn };
}

function viewOf(policy: Policy, at: string): z.infer<typeof policyView> {
  const rules = valuesOf(policy).map(([kind, each]) => valueOf(kind, each, at));
  const { holidays } = policy;
  const year = at.slice(0, 4);
  const daysOff = holidays && { source: holidays.source, days: [...holidays.days].filter((date) => date.startsWith(year)) };
  return { ...summaryOf(policy), at, rules, holidays: daysOff ?? null };
}

function valueOf(rule: RuleKind, each: Dated<RuleValues[RuleKind]>, at: string): z.infer<typeof value> {
  const { from, to, source, confidence, verifiedAt } = each;
  const inForce = from <= at && (to === undefined || at < to);
  const says = wordsOf(rule, each);
  return { rule, inForce, from, to: to ?? null, says, value: { ...each.value }, source, confidence, verifiedAt };
}
