import { z } from 'zod';
import type { ListCount } from '../db/list-counts.ts';
import type { ReleaseStep, WaitingRelease } from '../db/list-reports.ts';
import type { ListWarning } from '../db/list-warnings.ts';
import { FRESHNESS_STATES, type FreshnessRule } from '../domain/list-freshness.ts';
import { CONFIDENCES } from '../domain/policy.ts';
import type { AgingRegistry } from '../gate/list-freshness.ts';
import { answeredInstant, uuid } from './fields.ts';

const count = z.int().min(0);

const rule = z
  .object({
    jurisdiction: z.string().meta({ examples: ['US'] }),
    maxAge: z.string().meta({ description: 'ISO 8601, in days of 24 hours from `asOf`', examples: ['P31D'] }),
    requiredFor: z.enum(['everyone', 'companies', 'subscribers']),
    binding: z.boolean().meta({ description: 'False for a list of subscribers that the settings do not require' }),
    staleAt: answeredInstant.nullable().meta({ description: 'The last moment at which it is fresh by this rule' }),
    source: z.string(),
    confidence: z.enum(CONFIDENCES),
  })
  .meta({ id: 'ListFreshnessRule' });

const step = z
  .object({
    releaseId: uuid,
    kind: z.enum(['full', 'change']),
    asOf: answeredInstant,
    inForceFrom: answeredInstant.nullable(),
    numbers: count.meta({ description: 'Size of the list afterwards' }),
    added: count,
    removed: count,
    hit: count.meta({ description: 'Leads that it put on the list' }),
    freed: count.meta({ description: 'Leads that it took off the list' }),
  })
  .meta({ id: 'ListGrowthStep' });

const hitRates = z
  .object({
    countedAt: answeredInstant.meta({ description: 'Counted by a schedule within minutes of a release, and once a day' }),
    leads: count,
    listed: count,
    sources: z.array(z.object({
      source: z.string(),
      leads: count.meta({ description: 'Leads that first came from this source' }),
      listed: count.meta({ description: 'Those of them that are on the list' }),
      rate: z.number().min(0).max(1),
    })).meta({ description: 'The highest rate first' }),
  })
  .meta({ id: 'ListHitRates' });

const waiting = z
  .object({
    releaseId: uuid,
    asOf: answeredInstant,
    receivedAt: answeredInstant,
    receivedBy: z.string().meta({ description: '`key:<id>` or `fetch/<id>`' }),
    numbers: count.nullable(),
    added: count.nullable(),
    removed: count.nullable(),
  })
  .meta({ id: 'WaitingListRelease' });

const releaseInForce = z.object({
  releaseId: uuid,
  asOf: answeredInstant,
  root: z.string().nullable(),
  inForceFrom: answeredInstant.nullable(),
});

export const reportedList = z
  .object({
    list: z.string(),
    name: z.string(),
    jurisdiction: z.string(),
    effect: z.enum(['block', 'block_unless_consent', 'annul_consent']),
    release: releaseInForce.nullable().meta({ description: 'The one in force' }),
    numbers: count.nullable().meta({ description: 'Numbers on the list' }),
    ageSeconds: z.int().nullable().meta({ description: 'Since `asOf` of the release in force' }),
    freshness: z.object({
      state: z.enum(FRESHNESS_STATES).meta({ description: '`missing`: required and never loaded; `unbound`: no rule binds it' }),
      staleAt: answeredInstant.nullable().meta({ description: 'By the strictest binding rule' }),
      rules: z.array(rule),
    }),
    warnings: z.array(z.object({ event: z.enum(['list.stale-soon', 'list.stale']), at: answeredInstant, releaseId: uuid })),
    lastChange: step.nullable(),
    growth: z.array(step).meta({ description: 'The latest releases that came into force, oldest first' }),
    waitingForApproval: z.array(waiting),
    hitRates: hitRates.nullable().meta({ description: 'Null until they were counted' }),
  })
  .meta({ id: 'ReportedList' });

export type ReportedList = z.infer<typeof reportedList>;

/** Everything that was read of the lists. */
export interface ListFacts {
  registries: readonly AgingRegistry[];
  steps: readonly ReleaseStep[];
  waiting: readonly WaitingRelease[];
  warnings: readonly ListWarning[];
  counts: readonly ListCount[];
}

/** Each list with what concerns it. */
export function reportedLists({ registries, steps, waiting, warnings, counts }: ListFacts): ReportedList[] {
  const by = <Row extends { list: string }>(rows: readonly Row[]) => Map.groupBy(rows, ({ list }) => list);
  const [stepsOf, waitingOf, warningsOf, countsOf] = [by(steps), by(waiting), by(warnings), by(counts)];
  return registries.map(({ id, name, jurisdiction, effect, release, ageMs, freshness }) => {
    const growth = (stepsOf.get(id) ?? []).map(stepOf);
    return {
      list: id,
      name,
      jurisdiction,
      effect,
      release: release && inForce(release),
      numbers: release?.numbers ?? null,
      ageSeconds: ageMs === null ? null : Math.floor(ageMs / 1_000),
      freshness: { state: freshness.state, staleAt: isoOrNull(freshness.staleAt), rules: freshness.rules.map(ruleOf) },
      warnings: (warningsOf.get(id) ?? []).map(({ kind, at, releaseId }) => ({ event: kind, at: iso(at), releaseId })),
      lastChange: growth.at(-1) ?? null,
      growth,
      waitingForApproval: (waitingOf.get(id) ?? []).map(waitingOne),
      hitRates: ratesOf(countsOf.get(id) ?? []),
    };
  });
}

function inForce({ id, asOf, root, inForceFrom }: NonNullable<AgingRegistry['release']>): z.infer<typeof releaseInForce> {
  return { releaseId: id, asOf: iso(asOf), root, inForceFrom: isoOrNull(inForceFrom) };
}

function ruleOf({ isBinding, staleAt, confidence, ...rest }: FreshnessRule): z.infer<typeof rule> {
  return { ...rest, binding: isBinding, staleAt: isoOrNull(staleAt), confidence };
}

function stepOf({ id, kind, asOf, inForceFrom, numbers, added, removed, hit, freed }: ReleaseStep): z.infer<typeof step> {
  return { releaseId: id, kind, asOf: iso(asOf), inForceFrom: isoOrNull(inForceFrom), numbers, added, removed, hit, freed };
}

function waitingOne({ id, asOf, receivedAt, receivedBy, numbers, added, removed }: WaitingRelease): z.infer<typeof waiting> {
  return { releaseId: id, asOf: iso(asOf), receivedAt: iso(receivedAt), receivedBy, numbers, added, removed };
}

function ratesOf(counts: readonly ListCount[]): z.infer<typeof hitRates> | null {
  const [first] = counts;
  if (!first) return null;
  const sum = (pick: (each: ListCount) => number) => counts.reduce((total, each) => total + pick(each), 0);
  const sources = counts.map(({ source, leads, listed }) => ({ source, leads, listed, rate: leads === 0 ? 0 : listed / leads }));
  return { countedAt: iso(first.countedAt), leads: sum(({ leads }) => leads), listed: sum(({ listed }) => listed), sources };
}

function iso(moment: Date): string {
  return moment.toISOString();
}

function isoOrNull(moment: Date | null): string | null {
  return moment && iso(moment);
}
