import { createHash } from 'node:crypto';
import { z } from 'zod';
import { countDue } from '../db/retention-horizon.ts';
import type { ApiContext } from './context.ts';
import { monthsFrom, reportOf, retentionReport, type RetentionReport } from './retention-report-bodies.ts';
import { RETENTION_PAGE_STYLE, retentionPage } from './retention-report-page.ts';
import { RECORD_READERS } from './roles.ts';
import { route } from './route.ts';

const query = z.strictObject({
  months: z.coerce.number({ error: 'must be a whole number' }).int().min(1).max(120).default(24)
    .meta({ description: 'How far ahead, in months of the calendar, this one included' }),
});

/** The page's own style and nothing else: no script, no image, no frame, nothing from anywhere. */
const STYLE_DIGEST = createHash('sha256').update(RETENTION_PAGE_STYLE).digest('base64');
const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${STYLE_DIGEST}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const horizon = route({
  method: 'get',
  path: '/v1/reports/retention',
  operation: 'reportRetention',
  tag: 'Reports',
  summary: 'Report on what falls due',
  description:
    'How many leads leave the hot tables, are destroyed, or would be but for an order that holds them, by month and by the rule behind it: by the ' +
    'due dates that the last review of each lead put down, at most thirty days ago. A rehearsal with LEADWARDEN_TIME_SHIFT does just that.',
  roles: RECORD_READERS,
  query,
  answers: { 200: { description: 'The horizon', schema: retentionReport } },
  async handle(context, { query: { months } }) {
    return { status: 200, body: await readHorizon(context, months) };
  },
});

const page = route({
  method: 'get',
  path: '/reports/retention',
  operation: 'showRetentionReport',
  tag: 'Reports',
  summary: 'The report on what falls due as a page',
  description: 'With a chart, to read and to print, without script; log in with any name and an API key as password.',
  roles: RECORD_READERS,
  basic: true,
  query,
  answers: { 200: { description: 'The page', type: 'text/html' } },
  async handle(context, { query: { months } }) {
    const data = retentionPage(await readHorizon(context, months));
    return { status: 200, headers: { 'content-security-policy': PAGE_POLICY }, content: { type: 'text/html; charset=utf-8', data } };
  },
});

export const retentionReportRoutes = [horizon, page];

async function readHorizon({ db, now }: ApiContext, count: number): Promise<RetentionReport> {
  const at = now();
  const months = monthsFrom(at, count);
  return reportOf(await countDue(db, months), months, at);
}
