import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { Role } from '../../api/roles.ts';
import { leadBody, placesOf, SOURCE, startApi, type RunningApi } from './running-api.ts';

const SALT = 'salt and some pepper';
const UNKNOWN = '0198c0de-7a1e-7b3c-9d4e-5f60718293a4';

let api: RunningApi;
let moment = new Date();
beforeAll(async () => {
  api = await startApi({ now: () => moment });
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

const ask = async () => (await api.call('POST', '/v1/suppressions/exports', { as: 'compliance', body: { partner: 'call-centre-two' } })).json;
const approve = (id: string, as: Role) => api.call('POST', `/v1/suppressions/exports/${id}/approve`, { as });
const fetched = (id: string, salt = SALT) => api.call('POST', `/v1/suppressions/exports/${id}/digests`, { as: 'compliance', body: { salt } });
const digestOf = (phone: unknown) => createHash('sha256').update(`${SALT}${String(phone)}`).digest('hex');

describe('the own list for a partner', () => {
  it('is a digest for each number that is a lead, and a count of those that nobody can read any more', async () => {
    const bodies = [leadBody(), leadBody(), leadBody(), leadBody()];
    for (const body of bodies) await api.call('POST', '/v1/leads', { body });
    const suppress = (phone: unknown) => api.call('POST', '/v1/suppressions', { body: { phone, kind: 'opt_out' } });
    for (const phone of [bodies[0]?.phone, bodies[1]?.phone, bodies[1]?.phone, '+12125550198', '+12125550197']) await suppress(phone);
    const lifted = (await suppress(bodies[2]?.phone)).json.id;
    await api.call('POST', `/v1/suppressions/${lifted}/lift`, { body: { reason: 'Wrong person', evidence: { method: 'letter' } } });
    const { exportId } = await ask();
    await approve(exportId, 'admin');
    const { status, text, headers } = await fetched(exportId);
    expect([status, text.trim().split('\n').sort()]).toEqual([200, [digestOf(bodies[0]?.phone), digestOf(bodies[1]?.phone)].sort()]);
    expect([headers.get('exported-numbers'), headers.get('unexportable-numbers')]).toEqual(['2', '2']);
    const { json } = await api.call('GET', `/v1/suppressions/exports/${exportId}`, { as: 'auditor' });
    expect(json).toMatchObject({ state: 'approved', partner: 'call-centre-two', handedOutBy: json.requestedBy });
  });

  it('is not handed out before another person has agreed, once, nor a day later', async () => {
    const { exportId, state } = await ask();
    expect([state, (await fetched(exportId)).json.code]).toEqual(['awaiting_approval', 'second_person_needed']);
    const own = await approve(exportId, 'compliance');
    expect([own.status, own.json.code]).toEqual([403, 'second_person_needed']);
    expect((await approve(exportId, 'admin')).json.state).toBe('approved');
    expect((await approve(exportId, 'admin')).json.code).toBe('already_settled');
    expect((await fetched(exportId)).status).toBe(200);
    moment = new Date(moment.getTime() + 86_400_000);
    expect((await fetched(exportId)).json.code).toBe('second_person_needed');
    expect((await api.call('GET', `/v1/suppressions/exports/${exportId}`)).json.state).toBe('expired');
  });

  it('takes a salt that is not guessed, in the body, and an export that is there', async () => {
    const { exportId } = await ask();
    expect(placesOf(await fetched(exportId, 'short'))).toEqual([['/salt', 'too_short']]);
    expect((await fetched(UNKNOWN)).json.code).toBe('unknown_export');
    expect(api.logged.join('')).not.toContain(SALT);
  });
});
