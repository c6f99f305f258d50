import { z } from 'zod';
import { listReleases } from '../db/dnc-releases.ts';
import { newId } from '../db/ids.ts';
import { checkRelease, receiveRelease, removeListFile, storeListFile } from '../dnc/releases.ts';
import { DomainError } from '../domain/problem.ts';
import { listParams, requireList } from './dnc-lists.ts';
import { releaseQuery } from './dnc-release-query.ts';
import { releaseParams, releaseState, releaseView, releaseViewOf, requireRelease } from './dnc-release-view.ts';
import { page, pageOf, uuid } from './fields.ts';
import { LIMITS } from './limits.ts';
import { pageById } from './pages.ts';
import { LIST_READERS, LIST_SENDERS } from './roles.ts';
import { ANY_TYPE, route } from './route.ts';

const received = z.object({ releaseId: uuid, state: releaseState }).meta({ id: 'ReceivedRelease' });

const sendRelease = route({
  method: 'post',
  path: '/v1/dnc/lists/{id}/releases',
  operation: 'sendRelease',
  tag: 'Do-not-call lists',
  summary: 'Send a release of a list',
  description:
    'Takes the file of a registry as the body of the request, of any size and content type, plain, gzipped or zipped. Answered when it is safely ' +
    'stored; it is read, compared with the list and brought into force after that. The same file of the same moment is answered with its first release.',
  roles: LIST_SENDERS,
  params: listParams,
  unknown: 'unknown_list',
  query: releaseQuery,
  streams: [ANY_TYPE],
  answers: { 202: { description: 'The file is stored', schema: received, headers: { Location: 'Its progress' } } },
  problems: ['release_in_future', 'change_without_base', 'unsupported_encoding'],
  async handle(context, { params, query, caller, request }) {
    const { db, listFolder } = context;
    const { kind, asOf, format, op = null, areaCodes = null } = query;
    const asked = { list: params.id, kind, asOf, format, op, areaCodes, dryRun: query.dryRun === 'true', receivedBy: `key:${caller.keyId}` };
    checkRelease({ ...asked, receivedAt: context.now() });
    requireAsItIs(request.headers['content-encoding']);
    await requireList(db, params.id);
    const id = newId();
    // As long as bytes come, an upload may take its time.
    request.setTimeout(LIMITS.uploadIdleMs);
    const stored = await storeListFile(listFolder, id, request);
    const put = db.transaction().execute((tx) => receiveRelease(tx, { id, ...asked, ...stored, receivedAt: context.now() }));
    const { releaseId, replayOf, state } = await put.catch((error: unknown) => forget(listFolder, id, error));
    if (replayOf) await removeListFile(listFolder, id);
    const headers = { location: `/v1/dnc/lists/${params.id}/releases/${releaseId}` };
    return { status: 202, headers, body: { releaseId, state }, announce: replayOf ? [] : [releaseId], isJob: true };
  },
});

const listOfReleases = route({
  method: 'get',
  path: '/v1/dnc/lists/{id}/releases',
  operation: 'listReleases',
  tag: 'Do-not-call lists',
  summary: 'List the releases of a list',
  description: 'Every release that was sent, newest first.',
  roles: LIST_READERS,
  params: listParams,
  unknown: 'unknown_list',
  query: z.strictObject(page),
  answers: {
    200: {
      description: 'A page of releases',
      schema: pageOf(releaseView).meta({ id: 'ReleasePage' }),
      headers: { Link: 'The next page, `rel="next"`' },
    },
  },
  async handle(context, call) {
    const { id } = await requireList(context.db, call.params.id);
    return pageById(call, (after, most) => listReleases(context.db, id, after, most), (each) => releaseViewOf(context, each));
  },
});

const readRelease = route({
  method: 'get',
  path: '/v1/dnc/lists/{id}/releases/{releaseId}',
  operation: 'readRelease',
  tag: 'Do-not-call lists',
  summary: 'Read how far a release is',
  description: 'Its state, what it changed, whom it concerned, and the signed digest of the list with it.',
  roles: LIST_READERS,
  params: releaseParams,
  unknown: 'unknown_release',
  answers: { 200: { description: 'The release', schema: releaseView } },
  async handle(context, { params }) {
    return { status: 200, body: releaseViewOf(context, await requireRelease(context.db, params.id, params.releaseId)) };
  },
});

export const dncReleaseRoutes = [sendRelease, listOfReleases, readRelease];

/** What a file is packed in is seen from its bytes, so gzip may be announced as well; anything else could not be opened. */
function requireAsItIs(contentEncoding = 'identity'): void {
  if (['identity', 'gzip', 'x-gzip'].includes(contentEncoding.trim().toLowerCase())) return;
  throw new DomainError('unsupported_encoding', 'Send the file as it is: plain, gzipped or zipped.');
}

async function forget(listFolder: string, id: string, error: unknown): Promise<never> {
  await removeListFile(listFolder, id);
  throw error;
}
