import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openFact } from '../../db/person-records.ts';
import { leadBody, placesOf, SOURCE, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;

beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
});

afterAll(() => api.stop());

const record = (body: object, as: 'agent' | 'auditor' | 'admin' = 'admin') => api.call('POST', '/v1/subject-requests', { body, as });
const acquire = async (changes: object) => (await api.call('POST', '/v1/leads', { body: leadBody(changes) })).json.leadId as string;

describe('a request of a person', () => {
  it('is kept with its words sealed, and its deadlines by every law that may apply', async () => {
    const leadId = await acquire({ phone: '+13105550142', subject: { address: { country: 'DE' } } });
    const { status, json } = await record({ leadId, kind: 'access', requestedAt: '2026-09-04T10:00:00Z', via: 'letter', statement: 'What do you know?' }, 'agent');
    expect(status).toBe(201);
    expect(json).toMatchObject({ leadId, kind: 'access', via: 'letter', requestedAt: '2026-09-04T10:00:00.000Z' });
    expect(json.deadlines).toEqual([
      { jurisdiction: 'US-CA', kind: 'acknowledge', dueAt: '2026-09-18T10:00:00.000Z', source: '11 CCR 7021(a)' },
      { jurisdiction: 'EU', kind: 'answer', dueAt: '2026-10-04T10:00:00.000Z', source: expect.stringContaining('GDPR') },
      { jurisdiction: 'US-CA', kind: 'answer', dueAt: '2026-10-19T10:00:00.000Z', source: expect.stringContaining('1798.130') },
    ]);
    expect(await openFact(api.db, api.context.vault, leadId, json.id)).toEqual({ statement: 'What do you know?' });
    expect((await api.call('GET', `/v1/subject-requests/${json.id}`)).json).toEqual(json);
    const outbox = await api.db.selectFrom('outbox').select(['signal', 'said']).where('fact_id', '=', json.id).execute();
    expect(outbox).toEqual([{ signal: 'lifecycleChanged', said: 'access requested through letter' }]);
    expect(api.announced).toContain(leadId);
  });

  it('finds the lead of a number, and has its deadlines where the number is none', async () => {
    const leadId = await acquire({ phone: '+493012345601' });
    expect((await record({ phone: '030 12345601', region: 'DE', kind: 'erasure' })).json).toMatchObject({ leadId, via: 'api' });
    const stranger = await record({ phone: '+493012345699', kind: 'erasure' });
    expect(stranger.json).toMatchObject({ leadId: null, deadlines: [{ jurisdiction: 'EU', kind: 'answer' }] });
    const refused = await record({ phone: '+493012345699', kind: 'erasure', statement: 'Forget me' });
    expect([refused.status, placesOf(refused)]).toEqual([422, [['/statement', 'not_sealable']]]);
  });

  it('to be left alone has the deadline of opting out as well', async () => {
    const { json } = await record({ leadId: await acquire({ phone: '+13105550143' }), kind: 'objection', requestedAt: '2026-09-04T10:00:00Z' });
    expect(json.deadlines.map(({ kind, dueAt }: { kind: string; dueAt: string }) => [kind, dueAt.slice(0, 10)])).toEqual([
      ['acknowledge', '2026-09-18'], ['opt_out', '2026-09-25'], ['answer', '2026-10-19'],
    ]);
  });

  it('is listed in pages, oldest first', async () => {
    const ids: string[] = [];
    for (let after = ''; ;) {
      const { json } = await api.call('GET', `/v1/subject-requests?limit=1${after}`, { as: 'auditor' });
      ids.push(...json.items.map(({ id }: { id: string }) => id));
      if (json.next === null) break;
      after = `&after=${json.next}`;
    }
    expect(ids.length).toBeGreaterThanOrEqual(4);
    expect(ids).toEqual([...ids].sort());
  });

  it.each([
    [{ kind: 'access' }, 422], [{ kind: 'access', leadId: '0198c0de-7a1e-7b3c-9d4e-5f60718293a4' }, 404], [{ kind: 'gossip', phone: '+493012345601' }, 422],
    [{ kind: 'access', phone: '+493012345601', leadId: '0198c0de-7a1e-7b3c-9d4e-5f60718293a4' }, 422], [{ kind: 'access', phone: '12' }, 422],
    [{ kind: 'access', phone: '+493012345601', requestedAt: '2100-01-01T00:00:00Z' }, 422],
  ])('is refused as %j', async (body, status) => {
    expect((await record(body)).status).toBe(status);
  });

  it('that is not there is not found', async () => {
    expect((await api.call('GET', '/v1/subject-requests/0198c0de-7a1e-7b3c-9d4e-5f60718293a4')).json.code).toBe('unknown_subject_request');
    expect((await api.call('GET', '/v1/confirmations/0198c0de-7a1e-7b3c-9d4e-5f60718293a4')).json.code).toBe('unknown_confirmation');
  });
});
