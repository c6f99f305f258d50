import { z } from 'zod';
import { insertFetch, findFetch, listFetches, removeFetch } from '../db/dnc-fetches.ts';
import { newId } from '../db/ids.ts';
import { checkRelease } from '../dnc/releases.ts';
import { DomainError } from '../domain/problem.ts';
import { fetchBody, fetchOf, fetchView, fetchViewOf } from './dnc-fetch-bodies.ts';
import { page, pageOf, uuid } from './fields.ts';
import { pageById } from './pages.ts';
import { LIST_KEEPERS } from './roles.ts';
import { route } from './route.ts';

const params = z.object({ id: uuid });

const createFetch = route({
  method: 'post',
  path: '/v1/dnc/fetches',
  operation: 'createFetch',
  tag: 'Do-not-call lists',
  summary: 'Have the files of a list fetched',
  description:
    'From within a minute on, and then as `cron` or `every` says, a worker looks for a newer file: at an https address, or in a folder. What it ' +
    'finds is received as a release, as if it had been sent. To change a fetch, remove it and make another.',
  roles: LIST_KEEPERS,
  body: fetchBody,
  answers: { 201: { description: 'The fetch as it is kept', schema: fetchView } },
  problems: ['unknown_list'],
  async create(context, { body, caller }, tx) {
    const now = context.now();
    requireFitting(body, now);
    const id = newId();
    if (!(await insertFetch(tx, fetchOf(id, body), `key:${caller.keyId}`, now))) {
      throw new DomainError('unknown_list', 'Register the list first: POST /v1/dnc/lists.', [
        { pointer: '/list', code: 'unknown', detail: 'must be the id of a registered list' },
      ]);
    }
    const kept = await findFetch(tx, id);
    return { status: 201, body: kept && fetchViewOf(kept) };
  },
});

const listOfFetches = route({
  method: 'get',
  path: '/v1/dnc/fetches',
  operation: 'listFetches',
  tag: 'Do-not-call lists',
  summary: 'List the fetches',
  description: 'Where files of lists are fetched from, the newest first, each with what came of its last run.',
  roles: LIST_KEEPERS,
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of fetches', schema: pageOf(fetchView).meta({ id: 'ListFetchPage' }), headers: { Link: 'The next page, `rel="next"`' } } },
  async handle(context, call) {
    return pageById(call, (after, most) => listFetches(context.db, after, most), fetchViewOf);
  },
});

const deleteFetch = route({
  method: 'delete',
  path: '/v1/dnc/fetches/{id}',
  operation: 'removeFetch',
  tag: 'Do-not-call lists',
  summary: 'Stop fetching',
  description: 'Within a minute its schedule is gone. What it received stays.',
  roles: LIST_KEEPERS,
  params,
  unknown: 'unknown_fetch',
  answers: { 204: { description: 'It is out of use' } },
  async create(context, { params: { id }, caller }, tx) {
    if (await removeFetch(tx, id, `key:${caller.keyId}`, context.now())) return { status: 204 };
    throw new DomainError('unknown_fetch', 'Check the id; GET /v1/dnc/fetches lists them.');
  },
});

export const dncFetchRoutes = [createFetch, listOfFetches, deleteFetch];

/** What can never be a release is refused here, not in the night in which it is fetched. */
function requireFitting({ kind, format, op, areaCodes }: z.output<typeof fetchBody>, now: Date): void {
  try {
    checkRelease({ kind, format, op: op ?? null, areaCodes: areaCodes ?? null, asOf: now, receivedAt: now });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const parts = error.parts.map((part) => ({ ...part, pointer: part.pointer.replace('?', '/') }));
    throw new DomainError(error.code, 'The files cannot be read like that; `errors` names each field.', parts);
  }
}
