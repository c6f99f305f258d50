import { z } from 'zod';
import { countClearances, REPORT_GROUPS, type ReportGroup, type ReportRow } from '../db/clearance-reports.ts';
import { DomainError } from '../domain/problem.ts';
import { csvRecord } from './csv.ts';
import { answeredInstant, instant } from './fields.ts';
import { RECORD_READERS } from './roles.ts';
import { route } from './route.ts';

const DAY_MS = 86_400_000;
const MOST_DAYS = 31;

const counts = z.array(z.object({ key: z.string(), count: z.int().min(0) }));

const report = z
  .object({
    from: answeredInstant,
    to: answeredInstant,
    total: z.int().min(0),
    decision: counts.optional(),
    reason: counts.optional().meta({ description: 'A clearance with several reasons counts for each of them once' }),
    jurisdiction: counts.optional().meta({ description: 'Whose rules gave a reason; `company` for the company itself' }),
    hour: counts.optional().meta({ description: 'By the hour in UTC' }),
  })
  .meta({ id: 'ClearanceReport' });

const query = z.strictObject({
  from: instant.optional().meta({ description: 'Left out: a day before the end' }),
  to: instant.optional().meta({ description: 'Exclusive; left out: now' }),
  groupBy: z.enum(REPORT_GROUPS).optional().meta({ description: 'Left out: all of them' }),
});

const clearances = route({
  method: 'get',
  path: '/v1/reports/clearances',
  operation: 'reportClearances',
  tag: 'Reports',
  summary: 'Count the clearances of a time',
  description: `By decision, reason, jurisdiction and hour; at most ${MOST_DAYS} days at once. As CSV where the request accepts text/csv.`,
  roles: RECORD_READERS,
  query,
  answers: { 200: { description: 'The counts', schema: report } },
  async handle({ db, now }, { query: asked, request }) {
    const to = asked.to ?? now();
    const from = asked.from ?? new Date(to.getTime() - DAY_MS);
    requireSpan(from, to);
    const rows = await countClearances(db, { from, to, now: now() });
    const groups = asked.groupBy ? [asked.groupBy] : REPORT_GROUPS;
    if (request.headers.accept?.startsWith('text/csv')) return csvOf(rows, groups);
    const total = rowsOf(rows, 'decision').reduce((sum, { count }) => sum + count, 0);
    const grouped = Object.fromEntries(groups.map((group) => [group, rowsOf(rows, group)]));
    return { status: 200, body: { from: from.toISOString(), to: to.toISOString(), total, ...grouped } };
  },
});

export const reportRoutes = [clearances];

function requireSpan(from: Date, to: Date): void {
  const length = to.getTime() - from.getTime();
  if (length > 0 && length <= MOST_DAYS * DAY_MS) return;
  throw new DomainError('invalid_request', 'The time to be reported on cannot be used.', [
    { pointer: '?from', code: 'out_of_range', detail: `must lie before \`to\`, by at most ${MOST_DAYS} days` },
  ]);
}

function rowsOf(rows: readonly ReportRow[], group: ReportGroup): { key: string; count: number }[] {
  return rows.filter((row) => row.group === group).map(({ key, count }) => ({ key, count }));
}

function csvOf(rows: readonly ReportRow[], groups: readonly ReportGroup[]) {
  const wanted = rows.filter(({ group }) => groups.includes(group));
  const records = wanted.map(({ group, key, count }) => csvRecord([group, key, String(count)]));
  const data = [csvRecord(['group', 'key', 'count']), ...records].join('');
  return { status: 200, content: { type: 'text/csv; charset=utf-8', data } };
}
