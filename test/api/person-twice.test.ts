import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FolderStore } from '../../activities/archiving/folder-store.ts';
import { archiveLeads } from '../../endings/archive/archiving.ts';
import { runFolder } from '../setup/suite.ts';
import { confirmationOf, consent, personWith, preferencesOf, requestOf, SOURCE } from './person-visits.ts';
import { startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
let ahead = 0;
const now = () => new Date(Date.now() + ahead);

beforeAll(async () => {
  api = await startApi({ now });
  await api.call('POST', '/v1/sources', { body: SOURCE });
  await api.call('POST', '/v1/sources', { body: { ...SOURCE, id: 'double', confirmation: 'double_opt_in' } });
});

afterAll(() => api.stop());

type Fields = Record<string, string>;
const look = async (path: string) => (await fetch(api.url + path)).text();
const send = (path: string, fields: Fields) => fetch(api.url + path, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
const answered = async (reply: Response) => [reply.status, reply.headers.get('location')];

/** The same form sent twice, one after the other and at once: what a browser shows is the answer to the last. */
const TWICE: [string, (path: string, fields: Fields) => Promise<Response[]>][] = [
  ['one after the other', async (path, fields) => [await send(path, fields), await send(path, fields)]],
  ['both at once', (path, fields) => Promise.all([send(path, fields), send(path, fields)])],
];
const ledger = async (leadId: string) => {
  const events = await api.db.selectFrom('consent_event').select('kind').where('lead_id', '=', leadId).orderBy('id').execute();
  return events.map(({ kind }) => kind);
};
const requestsOf = (leadId: string) => api.db.selectFrom('subject_request').select(['id', 'kind', 'state']).where('lead_id', '=', leadId).orderBy('id').execute();
const stepsOf = async (id: string) => {
  const steps = await api.db.selectFrom('subject_request_step').select('kind').where('request_id', '=', id).orderBy('id').execute();
  return steps.map(({ kind }) => kind);
};

describe.each(TWICE)('a button that is pressed twice, %s', (_how, twice) => {
  it('allows again once, and says so both times', async () => {
    const leadId = await personWith(api, [consent('email')]);
    const path = await preferencesOf(api, leadId);
    await send(path, { action: 'withdraw_all' });
    const replies = await twice(path, { action: 'allow', channel: 'email', purpose: 'marketing' });
    const told = [303, '?said=allowed&channel=email&purpose=marketing'];
    expect(await Promise.all(replies.map(answered))).toEqual([told, told]);
    expect(await ledger(leadId)).toEqual(['granted', 'revoked', 'granted']);
  });

  it('puts one request on record, and another one in other words', async () => {
    const leadId = await personWith(api, []);
    const path = await preferencesOf(api, leadId);
    for (const fields of [{ kind: 'access' }, { kind: 'correction', statement: 'Augusta,\nplease' }, { kind: 'correction', statement: 'Ada' }]) {
      const replies = await twice(path, { action: 'request', ...fields });
      expect(await Promise.all(replies.map(answered))).toEqual([[303, '?said=requested'], [303, '?said=requested']]);
    }
    expect((await requestsOf(leadId)).map(({ kind }) => kind)).toEqual(['access', 'correction', 'correction']);
  });

  it('objects each time, since something may have been allowed in between', async () => {
    const leadId = await personWith(api, [consent('email')]);
    await twice(await preferencesOf(api, leadId), { action: 'request', kind: 'objection' });
    expect((await requestsOf(leadId)).map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
  });

  it('asks for one code', async () => {
    const { id, path } = await requestOf(api, await personWith(api, []), 'access', false);
    ahead += 60_000;
    const replies = await twice(path, { action: 'send' });
    expect(await Promise.all(replies.map(answered))).toEqual([[303, '?said=sent'], [303, '?said=sent']]);
    expect((await stepsOf(id)).filter((kind) => kind === 'code_asked')).toHaveLength(1);
  });

  it('enters a code, which is right both times and tried once', async () => {
    const { json: { id } } = await api.call('POST', '/v1/subject-requests', { body: { leadId: await personWith(api, []), kind: 'access' } });
    const { json } = await api.call('POST', `/v1/subject-requests/${id}/message`);
    const replies = await twice(new URL(json.url).pathname, { action: 'verify', code: json.code });
    expect(await Promise.all(replies.map(answered))).toEqual([[303, '?said=verified'], [303, '?said=verified']]);
    expect(await stepsOf(id)).not.toContain('code_wrong');
  });

  it('takes a request back once, and shows it as taken back', async () => {
    const { id, path } = await requestOf(api, await personWith(api, []), 'access', true);
    const replies = await twice(path, { action: 'withdraw' });
    expect((await Promise.all(replies.map(answered))).sort()).toEqual([[200, null], [303, '?said=withdrawn']]);
    expect((await stepsOf(id)).filter((kind) => kind === 'withdrawn')).toHaveLength(1);
  });

  it('confirms once, and thanks both times', async () => {
    const leadId = await personWith(api, [consent('email')], { source: 'double' });
    const { path } = await confirmationOf(api, leadId);
    const replies = await twice(path, { action: 'confirm' });
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 404]);
    for (const reply of replies) expect(await reply.text()).toContain('Thank you, it is confirmed');
    expect(await ledger(leadId)).toEqual(['granted', 'confirmed']);
  });
});

describe('a link that was used to confirm', () => {
  it.each<[string, (leadId: string) => unknown]>([
    ['a minute later', () => (ahead += 60_000)],
    ['once it was withdrawn', (leadId) => api.call('POST', `/v1/leads/${leadId}/revocations`, { body: {} })],
  ])('thanks nobody %s', async (_when, happens) => {
    const leadId = await personWith(api, [consent('email')], { source: 'double' });
    const { path } = await confirmationOf(api, leadId);
    expect((await send(path, { action: 'confirm' })).status).toBe(200);
    await happens(leadId);
    const again = await send(path, { action: 'confirm' });
    expect([again.status, await again.text()]).toEqual([404, expect.not.stringContaining('Thank you')]);
  });
});

describe('what has just been done', () => {
  it('is said only where it is still so, whichever address is opened again', async () => {
    const leadId = await personWith(api, [consent('email'), consent('call')]);
    const path = await preferencesOf(api, leadId);
    const scope = 'channel=email&purpose=marketing';
    const said = async () => {
      const texts = await Promise.all([`said=withdrawn&${scope}`, `said=allowed&${scope}`, 'said=withdrawn_all', 'said=requested'].map((query) => look(`${path}?${query}`)));
      return texts.map((text) => text.includes('role="status"'));
    };
    expect(await said()).toEqual([false, true, false, false]);
    await send(path, { action: 'withdraw', channel: 'email', purpose: 'marketing' });
    expect(await said()).toEqual([true, false, false, false]);
    await send(path, { action: 'withdraw_all' });
    expect(await said()).toEqual([true, false, true, false]);
    await send(path, { action: 'allow', channel: 'email', purpose: 'marketing' });
    await send(path, { action: 'request', kind: 'access' });
    expect(await said()).toEqual([false, true, false, true]);
  });
});

describe('a program that looks at the head of a page alone', () => {
  it('is handed nothing: neither is the request fulfilled by it, nor does the record say so', async () => {
    const leadId = await personWith(api, []);
    const { id, path } = await requestOf(api, leadId, 'access', true);
    for (const [format, type] of [['html', 'text/html; charset=utf-8'], ['json', 'application/json'], ['csv', 'text/csv; charset=utf-8']]) {
      const reply = await fetch(`${api.url}${path}/answer?format=${format}`, { method: 'HEAD' });
      expect([reply.status, reply.headers.get('content-type'), reply.headers.get('cache-control')]).toEqual([200, type, 'no-store']);
    }
    expect([await stepsOf(id), (await requestsOf(leadId))[0]?.state]).toEqual([expect.not.arrayContaining(['handed_over']), 'in_progress']);
    expect((await api.db.selectFrom('access_log').select('id').where('lead_id', '=', leadId).execute())).toEqual([]);
    await look(`${path}/answer?format=html`);
    expect(await stepsOf(id)).toContain('handed_over');
  });
});

describe('the page of a person whose data lies in the archive', () => {
  it('says that it does, and not that nothing is held', async () => {
    const leadId = await personWith(api, [consent('email')]);
    const path = await preferencesOf(api, leadId);
    const { db, vault } = api.context;
    const store = new FolderStore(join(runFolder(), 'twice-archive'));
    await archiveLeads({ db, vault, store, stillDue: (_, ids) => Promise.resolve(new Set(ids)), now }, [leadId]);
    const text = await look(path);
    expect(text.match(/<dd>In the archive<\/dd>/g)).toHaveLength(3);
    expect(text).not.toContain('<dd>None</dd>');
  });
});
