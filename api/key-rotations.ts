import { z } from 'zod';
import { askForRotation, findRotation, listRotations, type KeyRotation } from '../db/key-rotations.ts';
import { DomainError } from '../domain/problem.ts';
import { stateOf } from '../domain/rotation-card.ts';
import { keyRotationWorkflowId } from '../workflows/messages.ts';
import type { ApiContext } from './context.ts';
import { UUID_PATTERN } from './cursor.ts';
import { answeredInstant, page, pageOf, uuid } from './fields.ts';
import { pageById } from './pages.ts';
import { KEY_KEEPERS } from './roles.ts';
import { route } from './route.ts';

const rotation = z
  .object({
    rotationId: uuid,
    state: z.enum(['asked', 'waiting', 'wrapping', 'completed', 'failed']),
    kek: z.number().int().nullable().meta({ description: 'Number of the key that everything is wrapped with at its end' }),
    askedBy: z.string(),
    askedAt: answeredInstant,
    activatedAt: answeredInstant.nullable().meta({ description: 'From when on the key is used' }),
    waitsFor: z.number().int().meta({ description: 'Processes that have not read the key yet, or wrap with an older one still' }),
    keys: z.object({
      seen: z.number().int().meta({ description: 'Looked at in this pass' }),
      rewrapped: z.number().int(),
      about: z.number().int().nullable().meta({ description: 'About how many there are' }),
    }),
    finishedAt: answeredInstant.nullable(),
    problem: z.string().nullable().meta({ description: 'Why it came to nothing, or not to everything', examples: ['key_folder_read_only'] }),
    workflowId: z.string(),
    links: z.object({ self: z.string(), temporal: z.string().nullable() }),
  })
  .meta({ id: 'KeyRotation' });

const ask = route({
  method: 'post',
  path: '/v1/keys/rotations',
  operation: 'rotateKeys',
  tag: 'Keys',
  summary: 'Change the key-encryption key',
  description:
    'Makes the next key-encryption key, or takes one that was added to the key folder and is not in use yet; uses it once every process can open ' +
    'what it wraps, and wraps the data key of every lead anew. One at a time: while one is under way, that one is answered.',
  roles: KEY_KEEPERS,
  answers: {
    202: { description: 'The rotation, which begins', schema: rotation },
    200: { description: 'The rotation that is under way already', schema: rotation },
  },
  async create(context, { caller }, tx) {
    const { rotation: row, isNew } = await askForRotation(tx, `key:${caller.keyId}`, context.now());
    return { status: isNew ? 202 : 200, body: viewOf(context, row), ...(isNew ? { announce: [row.id] } : {}) };
  },
});

const list = route({
  method: 'get',
  path: '/v1/keys/rotations',
  operation: 'listKeyRotations',
  tag: 'Keys',
  summary: 'List the rotations of the key-encryption key',
  description: 'Every rotation, newest first.',
  roles: KEY_KEEPERS,
  query: z.strictObject(page),
  answers: {
    200: {
      description: 'A page of rotations',
      schema: pageOf(rotation).meta({ id: 'KeyRotationPage' }),
      headers: { Link: 'The next page, `rel="next"`' },
    },
  },
  async handle(context, call) {
    return pageById(call, (after, most) => listRotations(context.db, after, most), (row) => viewOf(context, row));
  },
});

const read = route({
  method: 'get',
  path: '/v1/keys/rotations/{id}',
  operation: 'readKeyRotation',
  tag: 'Keys',
  summary: 'Read a rotation of the key-encryption key',
  description: 'How far it is, and what it waits for.',
  roles: KEY_KEEPERS,
  params: z.object({ id: uuid.regex(UUID_PATTERN) }),
  unknown: 'unknown_rotation',
  answers: { 200: { description: 'The rotation', schema: rotation } },
  async handle(context, { params: { id } }) {
    const row = await findRotation(context.db, id);
    if (!row) throw new DomainError('unknown_rotation', 'Check the id; GET /v1/keys/rotations lists them.');
    return { status: 200, body: viewOf(context, row) };
  },
});

export const keyRotationRoutes = [ask, list, read];

function viewOf({ temporalUi }: ApiContext, row: KeyRotation): z.infer<typeof rotation> {
  const workflowId = keyRotationWorkflowId(row.id);
  return {
    rotationId: row.id,
    state: stateOf({ kek: row.kek, activatedAt: row.activated_at, finishedAt: row.finished_at, problem: row.problem }),
    kek: row.kek,
    askedBy: row.asked_by,
    askedAt: row.asked_at.toISOString(),
    activatedAt: row.activated_at?.toISOString() ?? null,
    waitsFor: row.waits_for,
    keys: {
      seen: Number(row.keys_seen),
      rewrapped: Number(row.keys_rewrapped),
      about: row.keys_about === null ? null : Number(row.keys_about),
    },
    finishedAt: row.finished_at?.toISOString() ?? null,
    problem: row.problem,
    workflowId,
    links: { self: `/v1/keys/rotations/${row.id}`, temporal: temporalUi && `${temporalUi}/workflows/${encodeURIComponent(workflowId)}` },
  };
}
