import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createClockedApi } from './clocked-api.ts';
import { leadBody, placesOf, SOURCE, type RunningApi } from './running-api.ts';
import { createSender, sendStandard, sendTwilio, signHubspot, type Sender } from './webhook-sending.ts';

let api: RunningApi;
let passTime: (ms: number) => void;
beforeAll(async () => {
  ({ api, passTime } = await createClockedApi());
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

const create = (body: object) => api.call('POST', '/v1/webhook-sources', { body: { source: SOURCE.id, ...body } });
const revoked = { type: 'consent.revoked', data: { phone: '+12025550143' } };

describe('a source of webhooks', () => {
  it('is registered with a secret that is shown once and kept sealed', async () => {
    const { status, json } = await create({ id: 'crm', provider: 'standard', mapping: { channel: 'sms' } });
    expect([status, json]).toMatchObject([201, { id: 'crm', provider: 'standard', source: SOURCE.id, url: `${api.url}/v1/webhooks/crm`, pausedAt: null, mapping: { channel: 'sms' } }]);
    expect(json.secret).toMatch(/^whsec_/);
    for (const path of ['', '/crm']) expect((await api.call('GET', `/v1/webhook-sources${path}`)).text).not.toContain('whsec_');
    const [kept] = await api.db.selectFrom('webhook_secret').selectAll().where('webhook_source_id', '=', 'crm').execute();
    expect(kept?.sealed.includes(json.secret)).toBe(false);
    expect(api.context.vault.openSecret(kept?.id ?? '', kept?.sealed ?? Buffer.alloc(0))).toBe(json.secret);
    expect(() => api.context.vault.openSecret(randomUUID(), kept?.sealed ?? Buffer.alloc(0))).toThrow();
    expect((await create({ id: 'crm', provider: 'standard' })).json.code).toBe('webhook_source_exists');
    expect((await create({ id: 'twilio', provider: 'standard' })).json.code).toBe('webhook_source_exists');
    expect((await create({ provider: 'twilio', secret: '12345' })).json).toMatchObject({ secret: '12345', id: expect.stringMatching(/^twilio-/) });
  });

  it.each([
    [{ provider: 'standard', secret: '12345' }, '/secret', 'wrong_format'],
    [{ provider: 'hubspot', secret: 'with blank' }, '/secret', 'wrong_format'],
    [{ provider: 'mailchimp' }, '/provider', 'not_allowed'],
    [{ provider: 'standard', source: 'nowhere' }, '/source', 'unknown_source'],
    [{ provider: 'standard', mapping: { fields: { telephone: 'x' } } }, '/mapping/fields', 'unknown_field'],
    [{ provider: 'standard', mapping: { types: { x: 'explode' } } }, '/mapping/types/x', 'not_allowed'],
  ])('%j is refused', async (body, pointer, code) => {
    const reply = await create(body);
    expect([reply.status, placesOf(reply)]).toEqual([422, [[pointer, code]]]);
  });

  it('has to be known', async () => {
    for (const [method, path, body] of [['GET', ''], ['PUT', '', { mapping: {} }], ['POST', '/pause'], ['POST', '/resume'], ['POST', '/rotate', {}], ['GET', '/events']] as const) {
      const { status, json } = await api.call(method, `/v1/webhook-sources/nobody${path}`, body ? { body } : {});
      expect([status, json.code]).toEqual([404, 'unknown_webhook_source']);
    }
  });

  it('takes the secret before a rotation until the overlap ends', async () => {
    const before = await createSender(api, 'standard', { id: 'rotating' });
    const { status, json } = await api.call('POST', '/v1/webhook-sources/rotating/rotate', { body: { overlap: 'PT24H' } });
    expect([status, Date.parse(json.previousValidUntil) - api.context.now().getTime()]).toEqual([201, 86_400_000]);
    const after = { id: 'rotating', secret: json.secret };
    const statusOf = async (sender: Sender) => (await sendStandard(api, sender, revoked)).status;
    const statuses = async () => [await statusOf(before), await statusOf(after)];
    expect(await statuses()).toEqual([200, 200]);
    passTime(86_399_000);
    expect(await statuses()).toEqual([200, 200]);
    passTime(1_000);
    expect(await statuses()).toEqual([401, 200]);
    const own = (await api.call('POST', '/v1/webhook-sources/rotating/rotate', { body: { overlap: 'PT0S', secret: before.secret } })).json;
    expect(own.secret).toBe(before.secret);
    expect(await statuses()).toEqual([200, 401]);
    for (const overlap of ['P1Y', 'soon']) expect((await api.call('POST', '/v1/webhook-sources/rotating/rotate', { body: { overlap } })).status).toBe(422);
  });

  it('that is paused takes nothing, and asks for it later', async () => {
    const sender = await createSender(api, 'standard', { id: 'pausing' });
    expect((await api.call('POST', '/v1/webhook-sources/pausing/pause')).json.pausedAt).not.toBeNull();
    const refused = await sendStandard(api, sender, revoked);
    expect([refused.status, refused.json.code, refused.headers.get('retry-after')]).toEqual([503, 'webhook_source_paused', '2']);
    expect((await sendStandard(api, { ...sender, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }, revoked)).status).toBe(401);
    expect((await api.call('GET', '/v1/webhook-sources/pausing/events')).json.items).toEqual([]);
    await api.call('POST', '/v1/webhook-sources/pausing/resume');
    expect((await sendStandard(api, sender, revoked)).status).toBe(200);
  });

  it('is read as its mapping says, from the change on', async () => {
    const sender = await createSender(api, 'standard', { id: 'mapped' });
    const phone = String(leadBody().phone);
    const own = { kind: 'shop.bye', type: 'shop.bye', who: { tel: phone }, wo: 'Anruf' };
    expect((await sendStandard(api, sender, own)).json.results[0].result).toBe('ignored');
    const mapping = { types: { 'shop.bye': 'opt_out' }, fields: { phone: 'who.tel', channel: 'wo' }, channels: { Anruf: 'call' } };
    expect((await api.call('PUT', '/v1/webhook-sources/mapped', { body: { mapping } })).json.mapping).toEqual(mapping);
    expect((await sendStandard(api, sender, own)).json.results[0].result).toBe('suppressed');
    const [kept] = await api.db.selectFrom('suppression').select('channel').where('token', '=', api.context.vault.phoneToken(phone)).execute();
    expect(kept?.channel).toBe('call');
  });

  it('answers messages in the words that it is given', async () => {
    const sender = await createSender(api, 'twilio', { id: 'wordy', mapping: { replies: { stop: 'Bye & <thanks>' } } });
    expect((await sendTwilio(api, sender, { From: String(leadBody().phone), Body: 'STOP' })).text).toContain('<Message>Bye &amp; &lt;thanks&gt;</Message>');
  });

  it('lists its events page by page, and those of one result', async () => {
    const sender = await createSender(api, 'standard', { id: 'paged' });
    for (const id of ['msg_1', 'msg_2', 'msg_3', 'msg_3']) await sendStandard(api, sender, revoked, { id });
    const first = await api.call('GET', '/v1/webhook-sources/paged/events?limit=3');
    expect(first.json.items.map(({ eventId }: { eventId: string }) => eventId)).toEqual(['msg_3', 'msg_3', 'msg_2']);
    const link = /<(.+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    expect((await api.call('GET', link)).json).toMatchObject({ items: [{ eventId: 'msg_1', result: 'suppressed' }], next: null });
    expect((await api.call('GET', '/v1/webhook-sources/paged/events?result=duplicate')).json.items).toHaveLength(1);
  });
});

describe('behind a proxy', () => {
  it('the address that is signed is the public one', async () => {
    const { api: behind } = await createClockedApi({ publicUrl: 'https://leads.example.com/base' });
    try {
      await behind.call('POST', '/v1/sources', { body: SOURCE });
      const sender = await createSender(behind, 'hubspot', { id: 'hub' });
      const { json } = await behind.call('GET', '/v1/webhook-sources/hub');
      expect(json.url).toBe('https://leads.example.com/base/v1/webhooks/hub');
      const signed = (url: string) => behind.call('POST', '/v1/webhooks/hub', { as: null, raw: '[]', headers: signHubspot(sender.secret, url, '[]', behind.context.now()) });
      expect([(await signed(json.url)).status, (await signed(`${behind.url}/v1/webhooks/hub`)).status]).toEqual([200, 401]);
    } finally {
      await behind.stop();
    }
  });
});
