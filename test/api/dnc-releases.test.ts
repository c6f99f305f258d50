import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import { zipOf } from '../dnc/zip-samples.ts';
import { placesOf, startApi, type CallOptions, type Reply, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  for (const [id, jurisdiction] of [['us-federal', 'US'], ['gb-tps', 'GB']]) {
    await api.call('POST', '/v1/dnc/lists', { body: { id, jurisdiction, name: id, effect: 'block_unless_consent' } });
  }
});
afterAll(() => api.stop());

const AS_OF = '2026-11-01T00:00:00Z';
const LIST = '/v1/dnc/lists/us-federal';

type Query = Record<string, string | undefined>;

function send(raw: NonNullable<CallOptions['raw']>, changes: Query = {}, options: CallOptions = {}, list = LIST): Promise<Reply> {
  const all = { kind: 'full', asOf: AS_OF, format: 'lines', ...changes };
  const query = new URLSearchParams(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return api.call('POST', `${list}/releases?${query}`, { raw, as: 'operator', ...options });
}

let next = 0;
const file = (): string => `+1202555${String((next += 1)).padStart(4, '0')}\n`;
const stored = (): Promise<string[]> => readdir(api.context.listFolder);
const setState = (releaseId: string, state: 'awaiting_approval' | 'in_force') =>
  api.db.updateTable('dnc_release').set({ state }).where('id', '=', releaseId).execute();

describe('a release that is sent', () => {
  it('is stored as it came, put on the books and announced before it is acknowledged', async () => {
    const content = file();
    const reply = await send(content);
    const { releaseId } = reply.json;
    expect([reply.status, reply.json]).toEqual([202, { releaseId, state: 'receiving' }]);
    expect(reply.headers.get('location')).toBe(`${LIST}/releases/${releaseId}`);
    expect(api.announced).toContain(releaseId);
    expect(await readFile(join(api.context.listFolder, releaseId), 'utf8')).toBe(content);
    const { json } = await api.call('GET', `${LIST}/releases/${releaseId}`, { as: 'auditor' });
    expect(json).toMatchObject({
      releaseId, list: 'us-federal', kind: 'full', format: 'lines', op: null, areaCodes: null, dryRun: false, state: 'receiving',
      asOf: '2026-11-01T00:00:00.000Z', sha256: createHash('sha256').update(content).digest('hex'), sizeBytes: content.length,
      numbers: null, leads: null, problem: null, inForceFrom: null, workflowId: `release/${releaseId}`,
      links: { temporal: `http://127.0.0.1:8233/namespaces/default/workflows/release%2F${releaseId}` },
    });
    const outbox = await api.db.selectFrom('outbox').select(['workflow', 'lane']).where('subject', '=', releaseId).execute();
    expect(outbox).toEqual([{ workflow: 'release', lane: 0 }]);
  });

  it.each(['text/plain', 'text/csv; charset=utf-8', 'application/zip', 'application/octet-stream', 'application/x-whatever'])('may be called %s', async (type) => {
    expect((await send(file(), {}, { headers: { 'content-type': type } })).status).toBe(202);
  });

  it('may be packed, and its digest is of what was sent', async () => {
    for (const packed of [gzipSync(file()), zipOf(['202.txt', '212.txt'].map((name) => ({ name, content: Buffer.from(file()) })))]) {
      const { status, json } = await send(packed);
      expect(status).toBe(202);
      const shown = await api.call('GET', `${LIST}/releases/${json.releaseId}`);
      expect(shown.json.sha256).toBe(createHash('sha256').update(packed).digest('hex'));
    }
    expect((await send(gzipSync(file()), {}, { headers: { 'content-encoding': 'gzip' } })).status).toBe(202);
    const other = await send(file(), {}, { headers: { 'content-encoding': 'br' } });
    expect([other.status, other.json.code]).toEqual([415, 'unsupported_encoding']);
  });

  it('is answered with the first one when it comes again, and is a new one when the list was confirmed later', async () => {
    const content = file();
    const first = await send(content);
    const files = await stored();
    const again = await send(content);
    expect([again.status, again.json]).toEqual([202, first.json]);
    expect(await stored()).toEqual(files);
    const later = await send(content, { asOf: '2026-11-02T00:00:00Z' });
    expect(later.json.releaseId).not.toBe(first.json.releaseId);
  });

  it('is one release when it is sent many times at once', async () => {
    const content = file();
    const replies = await Promise.all(Array.from({ length: 8 }, () => send(content)));
    expect(new Set(replies.map((reply) => reply.json.releaseId)).size).toBe(1);
  });

  it('keeps how it is to be read', async () => {
    const asked = { format: 'delimited:{"delimiter":"|","columns":[0]}', kind: 'change', op: 'remove', dryRun: 'true' };
    const { json } = await send(file(), asked);
    expect((await api.call('GET', `${LIST}/releases/${json.releaseId}`)).json).toMatchObject({ ...asked, dryRun: true });
    for (const [given, kept] of [['202,203,202', [202, 203]], ['in-file', 'in-file']]) {
      const reply = await send(file(), { format: 'ftc_full', areaCodes: String(given) });
      expect((await api.call('GET', `${LIST}/releases/${reply.json.releaseId}`)).json.areaCodes).toEqual(kept);
    }
  });

  it('leaves nothing behind when its sender goes away half way', async () => {
    const before = await stored();
    const { json: known } = await api.call('GET', `${LIST}/releases?limit=200`);
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    const head = `POST ${LIST}/releases?kind=full&asOf=${AS_OF}&format=lines HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.keys.admin}\r\n`;
    socket.write(`${head}content-type: text/plain\r\ncontent-length: 9000000\r\n\r\n`);
    socket.write('2025550143\n'.repeat(50_000));
    while ((await stored()).every((name) => !name.endsWith('.part'))) await new Promise((resolve) => setTimeout(resolve, 10));
    socket.destroy();
    while ((await stored()).some((name) => name.endsWith('.part'))) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await stored()).toEqual(before);
    expect((await api.call('GET', `${LIST}/releases?limit=200`)).json.items).toHaveLength(known.items.length);
  });
});

describe('a release that can never come into force', () => {
  it.each([
    ['no kind', { kind: undefined }, '?kind', 'required'],
    ['no moment', { asOf: undefined }, '?asOf', 'required'],
    ['a moment without offset', { asOf: '2026-11-01T00:00:00' }, '?asOf', 'wrong_format'],
    ['no format', { format: undefined }, '?format', 'required'],
    ['a format that is none', { format: 'xlsx' }, '?format', 'invalid_format'],
    ['a format of changes in full', { format: 'ftc_change_csv' }, '?kind', undefined],
    ['a full format as a change', { kind: 'change', format: 'tps_fixed' }, '?kind', undefined],
    ['a change that does not say what it asks for', { kind: 'change' }, '?op', undefined],
    ['a full release that says it', { op: 'add' }, '?op', undefined],
    ['area codes of a change', { kind: 'change', op: 'add', areaCodes: '202' }, '?areaCodes', undefined],
    ['area codes that are none', { areaCodes: '2,3' }, '?areaCodes', 'wrong_format'],
    ['a dry run of another word', { dryRun: 'yes' }, '?dryRun', 'not_allowed'],
    ['an unknown parameter', { force: 'true' }, '?', 'unknown_field'],
  ])('is refused before it is stored: %s', async (_what, changes, pointer, code) => {
    const before = await stored();
    const reply = await send(file(), changes);
    expect([reply.status, reply.json.code]).toEqual([422, 'invalid_request']);
    expect(placesOf(reply)).toContainEqual([pointer, code ?? expect.any(String)]);
    expect(await stored()).toEqual(before);
  });

  it('is refused for a moment to come, a list that nobody registered, and a change of nothing', async () => {
    const before = await stored();
    expect(await send(file(), { asOf: '2999-01-01T00:00:00Z' })).toMatchObject({ status: 422, json: { code: 'release_in_future' } });
    expect(await send(file(), {}, {}, '/v1/dnc/lists/nobody-knows')).toMatchObject({ status: 404, json: { code: 'unknown_list' } });
    const change = await send('02079460000\n', { kind: 'change', op: 'add' }, {}, '/v1/dnc/lists/gb-tps');
    expect([change.status, change.json.code]).toEqual([422, 'change_without_base']);
    expect(await stored()).toEqual(before);
  });

  it('is refused while there is no room for it', async () => {
    const full = await startApi({ listFolder: '/dev/null/lists' });
    await full.call('POST', '/v1/dnc/lists', { body: { id: 'us-federal', jurisdiction: 'US', name: 'x', effect: 'block_unless_consent' } });
    const reply = await full.call('POST', `${LIST}/releases?kind=full&asOf=${AS_OF}&format=lines`, { raw: file() });
    await full.stop();
    expect([reply.status, reply.json.code, reply.headers.get('retry-after')]).toEqual([503, 'dependency_unavailable', '2']);
  });
});

describe('the releases of a list', () => {
  it('are listed newest first, page by page, and are of that list only', async () => {
    const whole = (await api.call('GET', `${LIST}/releases?limit=200`)).json.items.map((each: { releaseId: string }) => each.releaseId);
    expect(whole).toEqual([...whole].sort().reverse());
    const first = (await api.call('GET', `${LIST}/releases?limit=2`)).json;
    const rest = (await api.call('GET', `${LIST}/releases?limit=200&after=${first.next}`)).json;
    expect([...first.items, ...rest.items].map((each) => each.releaseId)).toEqual(whole);
    expect((await api.call('GET', '/v1/dnc/lists/gb-tps/releases')).json.items).toEqual([]);
    const elsewhere = await api.call('GET', `/v1/dnc/lists/gb-tps/releases/${whole[0]}`);
    expect([elsewhere.status, elsewhere.json.code]).toEqual([404, 'unknown_release']);
  });

  it('do not have any other id', async () => {
    for (const id of [randomUUID(), 'x', '%00']) {
      const reply = await api.call('GET', `${LIST}/releases/${id}`);
      expect([reply.status, reply.json.code]).toEqual([404, 'unknown_release']);
    }
    expect(await api.call('GET', '/v1/dnc/lists/nobody-knows/releases')).toMatchObject({ status: 404, json: { code: 'unknown_list' } });
  });
});

describe('a release that waits for approval', () => {
  const decide = (releaseId: string, word: string, options: CallOptions = {}) =>
    api.call('POST', `${LIST}/releases/${releaseId}/${word}`, { body: { reason: 'The registry was cleaned up' }, as: 'compliance', ...options });

  async function waiting(options: CallOptions = {}): Promise<string> {
    const { releaseId } = (await send(file(), {}, options)).json;
    await setState(releaseId, 'awaiting_approval');
    return releaseId;
  }

  it('goes on when a person approves it, once, and its workflow is told', async () => {
    const releaseId = await waiting();
    const reply = await decide(releaseId, 'approve');
    expect([reply.status, reply.json]).toEqual([200, expect.objectContaining({
      releaseId, state: 'parsing', approvedBy: expect.stringMatching(/^key:/), decidedBecause: 'The registry was cleaned up',
    })]);
    expect(api.announced.filter((subject) => subject === releaseId)).toHaveLength(2);
    expect(await decide(releaseId, 'approve')).toMatchObject({ status: 409, json: { code: 'release_not_waiting' } });
  });

  it('may be approved without a reason, and by its sender unless four eyes are asked for', async () => {
    const releaseId = await waiting({ as: 'compliance' });
    const before = (await api.call('GET', '/v1/settings')).headers.get('etag') ?? '';
    const settings = { ...DEFAULT_SETTINGS, approvals: { fourEyes: true } };
    const strict = await api.call('PUT', '/v1/settings', { body: settings, headers: { 'if-match': before } });
    const own = await decide(releaseId, 'approve', { body: {} });
    expect([own.status, own.json.code]).toEqual([403, 'second_person_needed']);
    expect((await decide(releaseId, 'approve', { body: undefined, as: 'admin' })).status).toBe(200);
    await api.call('PUT', '/v1/settings', { body: DEFAULT_SETTINGS, headers: { 'if-match': strict.headers.get('etag') ?? '' } });
    expect((await decide(await waiting({ as: 'compliance' }), 'approve', { body: {} })).status).toBe(200);
  });

  it('fails when a person gives it up', async () => {
    const releaseId = await waiting();
    const reply = await decide(releaseId, 'abandon');
    expect([reply.status, reply.json]).toEqual([200, expect.objectContaining({
      state: 'failed', problem: expect.objectContaining({ code: 'abandoned' }), abandonedBy: expect.stringMatching(/^key:/),
    })]);
    for (const word of ['approve', 'abandon']) {
      expect(await decide(releaseId, word)).toMatchObject({ status: 409, json: { code: 'release_not_waiting' } });
    }
  });

  it('is given up before its turn, but not when it is in force', async () => {
    expect((await decide((await send(file())).json.releaseId, 'abandon')).status).toBe(200);
    const { releaseId } = (await send(file())).json;
    await setState(releaseId, 'in_force');
    expect(await decide(releaseId, 'abandon')).toMatchObject({ status: 409, json: { code: 'release_not_waiting' } });
  });
});
