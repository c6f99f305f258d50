import { createHash } from 'node:crypto';
import { z } from 'zod';
import { readListCounts } from '../db/list-counts.ts';
import { readReleaseSteps, readWaitingReleases } from '../db/list-reports.ts';
import { currentListWarnings } from '../db/list-warnings.ts';
import { readAgingRegistries } from '../gate/list-freshness.ts';
import type { ApiContext } from './context.ts';
import { answeredInstant } from './fields.ts';
import { reportedList, reportedLists, type ReportedList } from './list-report-bodies.ts';
import { LIST_PAGE_STYLE } from './list-page-style.ts';
import { listPage } from './list-report-page.ts';
import { RECORD_READERS } from './roles.ts';
import { route } from './route.ts';

const STEPS_SHOWN = 60;

const report = z
  .object({
    at: answeredInstant,
    warningDays: z.number().meta({ description: 'How long before it goes stale a list is `stale_soon`' }),
    items: z.array(reportedList).meta({ description: 'By id' }),
  })
  .meta({ id: 'ListReport' });

/** The page's own style and nothing else: no script, no image, no frame, nothing from anywhere. */
const STYLE_DIGEST = createHash('sha256').update(LIST_PAGE_STYLE).digest('base64');
const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${STYLE_DIGEST}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const lists = route({
  method: 'get',
  path: '/v1/reports/lists',
  operation: 'reportLists',
  tag: 'Reports',
  summary: 'Report on the do-not-call lists',
  description:
    `For each list its release in force, how old it is and by which rule of which law it goes stale, its size over the last ${STEPS_SHOWN} releases, ` +
    'what the last one changed, what waits for approval, and which share of the leads of each source is on it.',
  roles: RECORD_READERS,
  answers: { 200: { description: 'The report', schema: report } },
  async handle(context) {
    const at = context.now();
    const items = await readReport(context, at);
    return { status: 200, body: { at: at.toISOString(), warningDays: context.listWarningDays, items } };
  },
});

const page = route({
  method: 'get',
  path: '/reports/lists',
  operation: 'showListReport',
  tag: 'Reports',
  summary: 'The report on the lists as a page',
  description: 'With a chart of each list over time, to read and to print, without script; log in with any name and an API key as password.',
  roles: RECORD_READERS,
  basic: true,
  answers: { 200: { description: 'The page', type: 'text/html' } },
  async handle(context) {
    const at = context.now();
    const data = listPage(await readReport(context, at), at);
    return { status: 200, headers: { 'content-security-policy': PAGE_POLICY }, content: { type: 'text/html; charset=utf-8', data } };
  },
});

export const listReportRoutes = [lists, page];

async function readReport({ db, listWarningDays }: ApiContext, at: Date): Promise<ReportedList[]> {
  const [registries, steps, waiting, warnings, counts] = await Promise.all([
    readAgingRegistries(db, at, listWarningDays),
    readReleaseSteps(db, STEPS_SHOWN),
    readWaitingReleases(db),
    currentListWarnings(db),
    readListCounts(db),
  ]);
  return reportedLists({ registries, steps, waiting, warnings, counts });
}
