import { z } from 'zod';
import { insertApiKey, listApiKeys, revokeApiKey, type ApiKey } from '../db/api-keys.ts';
import { DomainError } from '../domain/problem.ts';
import { decodeCursor, encodeCursor, INSTANT_PATTERN } from './cursor.ts';
import { answeredInstant, instant, page, pageOf, text } from './fields.ts';
import { createApiKey, digestOf, KEY_ID, keyIdOf } from './key-format.ts';
import { cutPage, nextPageHeaders } from './pages.ts';
import { KEY_KEEPERS, ROLES } from './roles.ts';
import { route } from './route.ts';

const keyFields = {
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  createdAt: answeredInstant,
  createdBy: z.string().nullable().meta({ description: 'Who made it; null: the machine, for its first administrator' }),
  expiresAt: answeredInstant.nullable(),
};
const apiKey = z.object({ ...keyFields, revokedAt: answeredInstant.nullable(), revokedBy: z.string().nullable() }).meta({ id: 'ApiKey' });
const newApiKey = z
  .object({ ...keyFields, key: z.string().meta({ description: 'Shown this once; only a digest is kept' }) })
  .meta({ id: 'NewApiKey' });

const createKey = route({
  method: 'post',
  path: '/v1/api-keys',
  operation: 'createApiKey',
  tag: 'API keys',
  summary: 'Make an API key',
  description: 'Makes a key with one role. The key itself is in this answer and nowhere else. Where a second person has to agree, a key counts as one: ' +
    '`createdBy` shows who has made keys for herself.',
  roles: KEY_KEEPERS,
  body: z
    .strictObject({
      name: text(100).meta({ description: 'Whose it is, for the list of keys', examples: ['dialer'] }),
      role: z.enum(ROLES),
      expiresAt: instant.nullable().default(null).meta({ description: 'From then on it is refused; null: never' }),
    })
    .meta({ id: 'ApiKeyRequest' }),
  answers: { 201: { description: 'The key', schema: newApiKey } },
  async create(context, { body, caller }, tx) {
    const createdAt = context.now();
    if (body.expiresAt && body.expiresAt <= createdAt) throw expiredAlready();
    const key = createApiKey();
    const known = { id: keyIdOf(key) ?? '', ...body, createdAt, createdBy: `key:${caller.keyId}` };
    await insertApiKey(tx, { ...known, digest: digestOf(key) });
    const { revokedAt: _at, revokedBy: _by, ...answer } = viewOf({ ...known, revokedAt: null, revokedBy: null });
    return { status: 201, body: { ...answer, key } };
  },
});

const listKeys = route({
  method: 'get',
  path: '/v1/api-keys',
  operation: 'listApiKeys',
  tag: 'API keys',
  summary: 'List the API keys',
  description: 'Every key without its secret, newest first, revoked and expired ones included, with who made and who revoked them.',
  roles: KEY_KEEPERS,
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of keys', schema: pageOf(apiKey).meta({ id: 'ApiKeyPage' }), headers: { Link: 'The next page, `rel="next"`' } } },
  async handle(context, { query, request }) {
    const cursor = decodeCursor(query.after, [INSTANT_PATTERN, KEY_ID]);
    const after = cursor ? { createdAt: new Date(cursor[0]), id: cursor[1] } : null;
    const found = await listApiKeys(context.db, after, query.limit + 1);
    const { items, next } = cutPage(found, query.limit, (last) => encodeCursor(last.createdAt.toISOString(), last.id));
    return { status: 200, headers: nextPageHeaders(request, next), body: { items: items.map(viewOf), next } };
  },
});

const revokeKey = route({
  method: 'delete',
  path: '/v1/api-keys/{id}',
  operation: 'revokeApiKey',
  tag: 'API keys',
  summary: 'Revoke an API key',
  description: 'The key is refused from the next request on. Revoking it again changes nothing.',
  roles: KEY_KEEPERS,
  params: z.object({ id: z.string().regex(KEY_ID) }),
  unknown: 'unknown_api_key',
  answers: { 204: { description: 'It is revoked' } },
  async handle(context, { params, caller }) {
    if (await revokeApiKey(context.db, params.id, `key:${caller.keyId}`, context.now())) return { status: 204 };
    throw new DomainError('unknown_api_key', 'Check the id; GET /v1/api-keys lists them.');
  },
});

export const apiKeyRoutes = [createKey, listKeys, revokeKey];

function viewOf({ id, name, role, createdAt, createdBy, expiresAt, revokedAt, revokedBy }: ApiKey) {
  const made = { createdAt: createdAt.toISOString(), createdBy, expiresAt: expiresAt?.toISOString() ?? null };
  return { id, name, role, ...made, revokedAt: revokedAt?.toISOString() ?? null, revokedBy };
}

function expiredAlready(): DomainError {
  return new DomainError('invalid_request', 'A key that has expired is of no use.', [
    { pointer: '/expiresAt', code: 'in_past', detail: 'must be later than now' },
  ]);
}
