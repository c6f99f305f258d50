import { z } from 'zod';
import { isClosed } from '../db/closures.ts';
import { suspendSource } from '../db/sources.ts';
import { DomainError } from '../domain/problem.ts';
import { answeredInstant, sourceId, text } from './fields.ts';
import { QUEUE_KEEPERS } from './roles.ts';
import { route } from './route.ts';

const params = z.object({ id: sourceId });
const suspension = z
  .object({ source: z.string(), suspendedAt: answeredInstant.nullable(), reason: z.string().nullable() })
  .meta({ id: 'SourceSuspension' });

const suspend = route({
  method: 'post',
  path: '/v1/sources/{id}/suspension',
  operation: 'suspendSource',
  tag: 'Sources',
  summary: 'Take a source out of use',
  description:
    'From the next question on, people who came from suspended sources only are not contacted. Suspending it again changes nothing: the first ' +
    'time and reason stay.',
  roles: QUEUE_KEEPERS,
  params,
  unknown: 'source_not_found',
  body: z
    .strictObject({ reason: text(500).meta({ description: 'About the source, never about a person: it is kept in clear' }) })
    .meta({ id: 'SourceSuspensionRequest' }),
  answers: { 200: { description: 'Since when, and why', schema: suspension } },
  async create(context, { params: { id }, body: { reason } }, tx) {
    const row = await suspendSource(tx, id, { at: context.now(), reason });
    if (!row) throw sourceNotFound();
    const suspendedAt = row.suspended_at?.toISOString() ?? null;
    return { status: 200, body: { source: id, suspendedAt, reason: row.suspended_because } };
  },
});

const resume = route({
  method: 'delete',
  path: '/v1/sources/{id}/suspension',
  operation: 'resumeSource',
  tag: 'Sources',
  summary: 'Take a source back into use',
  description: 'Its leads can be asked about again. Nothing changes for a source that is in use.',
  roles: QUEUE_KEEPERS,
  params,
  unknown: 'source_not_found',
  answers: { 204: { description: 'It is in use' } },
  problems: ['already_settled'],
  async create(_context, { params: { id } }, tx) {
    if (await isClosed(tx, id)) throw new DomainError('already_settled', 'The source is closed, which is for good.');
    if (!(await suspendSource(tx, id, null))) throw sourceNotFound();
    return { status: 204 };
  },
});

export const suspensionRoutes = [suspend, resume];

export function sourceNotFound(): DomainError {
  return new DomainError('source_not_found', 'Check the id; GET /v1/sources lists them.');
}
