import { z } from 'zod';
import { closeOrigin, listClosures, type ClosureRow, type Origin } from '../db/closures.ts';
import type { Tx } from '../db/connection.ts';
import { findSource } from '../db/sources.ts';
import type { Caller } from './authentication.ts';
import { answeredInstant, label, page, pageOf, sourceId, text, uuid } from './fields.ts';
import { pageById } from './pages.ts';
import { RULE_KEEPERS, SOURCE_READERS } from './roles.ts';
import { route } from './route.ts';
import { sourceNotFound } from './source-suspensions.ts';

const closure = z
  .object({
    closureId: uuid,
    source: z.string().nullable(),
    campaign: z.string().nullable(),
    reason: z.string(),
    closedBy: z.string(),
    closedAt: answeredInstant,
    toldAt: answeredInstant.nullable().meta({ description: 'When all its leads had been told to look at themselves' }),
  })
  .meta({ id: 'Closure' });

const reason = text(500).meta({ description: 'About the source or campaign, never about a person: it is kept in clear' });
const CONSEQUENCES =
  'Leads that came from nothing but what is closed are told at a measured rate, and leave for the archive. Evidence of them is kept as long as before. It is ' +
  'for good: what may be taken up again is suspended instead. Closing it again changes nothing.';

const close = route({
  method: 'post',
  path: '/v1/sources/{id}/close',
  operation: 'closeSource',
  tag: 'Sources',
  summary: 'Close a source for good',
  description: `Nobody who came from it alone is contacted any more, as after a suspension. ${CONSEQUENCES}`,
  roles: RULE_KEEPERS,
  params: z.object({ id: sourceId }),
  unknown: 'source_not_found',
  body: z.strictObject({ reason }).meta({ id: 'SourceClosing' }),
  answers: { 200: { description: 'Since when, and why', schema: closure } },
  async create({ now }, { params: { id }, body, caller }, tx) {
    if (!(await findSource(tx, id))) throw sourceNotFound();
    return closed(tx, { sourceId: id }, body.reason, caller, now());
  },
});

const closeCampaign = route({
  method: 'post',
  path: '/v1/campaigns/close',
  operation: 'closeCampaign',
  tag: 'Sources',
  summary: 'Close a campaign for good',
  description: `A campaign is a name that acquisitions came with. ${CONSEQUENCES}`,
  roles: RULE_KEEPERS,
  body: z.strictObject({ campaign: label('spring'), reason }).meta({ id: 'CampaignClosing' }),
  answers: { 200: { description: 'Since when, and why', schema: closure } },
  create: ({ now }, { body: { campaign, reason: why }, caller }, tx) => closed(tx, { campaign }, why, caller, now()),
});

const list = route({
  method: 'get',
  path: '/v1/closures',
  operation: 'listClosures',
  tag: 'Sources',
  summary: 'List what was closed',
  description: 'Sources and campaigns, the first to be closed first.',
  roles: SOURCE_READERS,
  query: z.strictObject(page),
  answers: {
    200: {
      description: 'A page of closings',
      schema: pageOf(closure).meta({ id: 'ClosurePage' }),
      headers: { Link: 'The next page, `rel="next"`' },
    },
  },
  async handle({ db }, call) {
    return pageById(call, (after, most) => listClosures(db, after, most), viewOf);
  },
});

export const closureRoutes = [close, closeCampaign, list];

async function closed(tx: Tx, origin: Origin, why: string, caller: Caller, at: Date) {
  return { status: 200, body: viewOf(await closeOrigin(tx, origin, { reason: why, by: `key:${caller.keyId}` }, at)) };
}

function viewOf(row: ClosureRow): z.infer<typeof closure> {
  const { id: closureId, source_id: source, campaign, closed_by: closedBy, closed_at: at, told_at: told } = row;
  return {
    closureId, source, campaign, reason: row.reason, closedBy, closedAt: at.toISOString(), toldAt: told?.toISOString() ?? null,
  };
}
