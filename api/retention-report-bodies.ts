import { z } from 'zod';
import type { DueCount } from '../db/retention-horizon.ts';

const reason = z.object({
  rule: z.string().meta({ examples: ['retention.unusedLead', 'evidence_retention', 'erasure'] }),
  jurisdiction: z.string().nullable().meta({ description: 'Of a rule of law' }),
  leads: z.int().min(0),
});

const due = z.object({
  leads: z.int().min(0),
  why: z.array(reason).meta({ description: 'By the rule behind the date, most leads first' }),
});

const stretch = z.object({
  archive: due.meta({ description: 'Leads whose personal data is due to leave the hot tables' }),
  dispose: due.meta({ description: 'Leads whose personal data is due to be destroyed' }),
  held: due.meta({ description: 'Leads that would be destroyed, but that an order holds' }),
});

const month = stretch.extend({ month: z.string().meta({ examples: ['2027-05'], description: 'In UTC' }) });

export const retentionReport = z
  .object({
    at: z.iso.datetime(),
    overdue: stretch.meta({ description: 'Due before this month began' }),
    months: z.array(month),
    later: stretch,
  })
  .meta({ id: 'RetentionReport' });

export type RetentionReport = z.infer<typeof retentionReport>;
export type Stretch = z.infer<typeof stretch>;

/** The first moments of so many months, beginning with the one that a moment lies in, and of the month after them, in UTC. */
export function monthsFrom(at: Date, count: number): Date[] {
  return Array.from({ length: count + 1 }, (_, ahead) => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + ahead)));
}

/** The counts, by month. `months` are the moments that they were counted by. */
export function reportOf(counts: readonly DueCount[], months: readonly Date[], at: Date): RetentionReport {
  const within = (nth: number) => stretchOf(counts.filter((count) => count.nth === nth));
  const named = months.slice(0, -1).map((from, index) => ({ month: from.toISOString().slice(0, 7), ...within(index + 1) }));
  return { at: at.toISOString(), overdue: within(0), months: named, later: within(months.length) };
}

function stretchOf(counts: readonly DueCount[]): Stretch {
  const ends = (end: DueCount['end']) => counts.filter((count) => count.end === end);
  return {
    archive: dueOf(ends('archive')),
    dispose: dueOf(ends('dispose').filter(({ held }) => !held)),
    held: dueOf(ends('dispose').filter(({ held }) => held)),
  };
}

function dueOf(counts: readonly DueCount[]): z.infer<typeof due> {
  const byRule = Map.groupBy(counts, ({ rule }) => rule ?? 'unknown');
  const why = [...byRule].map(([word, own]) => {
    const [rule = '', jurisdiction = null] = word.split(' ');
    return { rule, jurisdiction, leads: own.reduce((sum, { leads }) => sum + leads, 0) };
  });
  why.sort((a, b) => b.leads - a.leads || (a.rule < b.rule ? -1 : 1));
  return { leads: why.reduce((sum, { leads }) => sum + leads, 0), why };
}
