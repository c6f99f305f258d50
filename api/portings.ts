import { z } from 'zod';
import { listPortings, type PortingRow } from '../db/portings.ts';
import { LINE_TYPES } from '../domain/clearance.ts';
import { recordPorting } from '../intake/portings.ts';
import { UUID_PATTERN } from './cursor.ts';
import { answeredInstant, instant, page, pageOf, uuid } from './fields.ts';
import { requireLead, requireLockedLead } from './locked-lead.ts';
import { pageById } from './pages.ts';
import { requirePast } from './past.ts';
import { FACT_REPORTERS, LEAD_READERS } from './roles.ts';
import { route } from './route.ts';

const leadParams = z.object({ id: uuid.regex(UUID_PATTERN) });

const portingBody = z
  .strictObject({
    at: instant.meta({ description: 'From when on; not in the future. Where only the day is known, its beginning' }),
    lineType: z.enum(LINE_TYPES).meta({ description: 'What the line is from then on' }),
  })
  .meta({ id: 'NewPorting' });

const porting = z
  .object({ id: uuid, at: answeredInstant, lineType: z.enum(LINE_TYPES), receivedAt: answeredInstant })
  .meta({ id: 'Porting' });

const addPorting = route({
  method: 'post',
  path: '/v1/leads/{id}/portings',
  operation: 'addPorting',
  tag: 'Leads',
  summary: 'Record that a number was ported',
  description: [
    'The number was taken along to another kind of line. What is law for such lines holds from that moment on, without any grace, and a number',
    'that is no longer bound to a place may be anywhere in its country. It frees nobody: the number stays on its lists, and the person the same.',
  ].join(' '),
  roles: FACT_REPORTERS,
  params: leadParams,
  unknown: 'unknown_lead',
  body: portingBody,
  answers: { 201: { description: 'The porting', schema: porting } },
  problems: ['lead_disposed'],
  async create(context, { params, body }, tx) {
    const now = context.now();
    const at = requirePast(body.at, '/at', now);
    const lead = await requireLockedLead(tx, params.id);
    const row = await recordPorting(tx, lead, { at, lineType: body.lineType }, now);
    return { status: 201, body: portingOf(row), announce: [lead.id] };
  },
});

const listOfPortings = route({
  method: 'get',
  path: '/v1/leads/{id}/portings',
  operation: 'listPortings',
  tag: 'Leads',
  summary: 'List the portings of a lead\'s number',
  description: 'In the order in which they were recorded.',
  roles: LEAD_READERS,
  params: leadParams,
  unknown: 'unknown_lead',
  query: z.strictObject(page),
  answers: {
    200: {
      description: 'A page of portings',
      schema: pageOf(porting).meta({ id: 'PortingPage' }),
      headers: { Link: 'The next page, `rel="next"`' },
    },
  },
  async handle(context, call) {
    await requireLead(context.db, call.params.id);
    return pageById(call, (after, most) => listPortings(context.db, call.params.id, after, most), portingOf);
  },
});

export const portingRoutes = [addPorting, listOfPortings];

function portingOf({ id, at, line_type: lineType, received_at }: PortingRow): z.infer<typeof porting> {
  return { id, at: at.toISOString(), lineType, receivedAt: received_at.toISOString() };
}
