import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;

beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

const UNKNOWN = '0198c0de-7a1e-7b3c-9d4e-5f60718293a4';

describe('a lead that comes in', () => {
  it('is created with its own acquisition, masked, with links to itself and to its workflow', async () => {
    const reply = await api.call('POST', '/v1/leads', { body: leadBody({ phone: '(415) 555-2671', region: 'US' }) });
    expect(reply.status).toBe(201);
    expect(reply.json).toMatchObject({ created: true, stage: 'acquired', phone: '+1415*****71', acquiredAt: '2026-01-01T15:04:05.000Z' });
    expect(reply.json.workflowId).toBe(`lead/${reply.json.leadId}`);
    expect(reply.json.links).toEqual({
      self: `/v1/leads/${reply.json.leadId}`,
      temporal: `http://127.0.0.1:8233/namespaces/default/workflows/lead%2F${reply.json.leadId}`,
    });
    expect(reply.headers.get('location')).toBe(`/v1/leads/${reply.json.leadId}`);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(api.announced).toContain(reply.json.leadId);
  });

  it('is the same lead, acquired once more, when its number is known, however it is written', async () => {
    const first = await api.call('POST', '/v1/leads', { body: leadBody({ phone: '+13055550123' }) });
    for (const [phone, region] of [['(305) 555-0123', 'US'], ['001 305 555 0123', 'GB'], ['１３０５５５５０１２３', 'US'], ['305.555.0123 ext 7', 'US']]) {
      const again = await api.call('POST', '/v1/leads', { body: leadBody({ phone, region }) });
      expect([again.status, again.json.created, again.json.leadId]).toEqual([200, false, first.json.leadId]);
      expect(again.json.acquisitionId).not.toBe(first.json.acquisitionId);
    }
  });

  it('is read in the region of its source when it names none', async () => {
    const reply = await api.call('POST', '/v1/leads', { body: leadBody({ phone: '415 555 2672' }) });
    expect([reply.status, reply.json.phone]).toEqual([201, '+1415*****72']);
  });

  it('is one lead with fifty acquisitions when fifty requests bring it at once', async () => {
    const body = leadBody();
    const replies = await Promise.all(Array.from({ length: 50 }, () => api.call('POST', '/v1/leads', { body })));
    expect(replies.filter((reply) => reply.status === 201)).toHaveLength(1);
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(49);
    expect(new Set(replies.map((reply) => reply.json.leadId)).size).toBe(1);
    expect(new Set(replies.map((reply) => reply.json.acquisitionId)).size).toBe(50);
    const lead = await api.call('GET', `/v1/leads/${replies[0]?.json.leadId}`);
    expect(lead.json.acquisitions).toHaveLength(50);
  });

  it('keeps its consents as events with their grade and expiry', async () => {
    const consents = [
      { channel: 'call', purpose: 'marketing', obtainedAt: '2026-01-01T15:04:05Z', evidence: { textVersion: '2026-03', method: 'web_form' } },
      { channel: 'sms', purpose: 'survey', obtainedAt: '2026-01-01T16:04:05+01:00', expiresAt: '2027-01-01T00:00:00Z' },
    ];
    const { json } = await api.call('POST', '/v1/leads', { body: leadBody({ consents }) });
    const lead = await api.call('GET', `/v1/leads/${json.leadId}`);
    const shown = lead.json.consents.map((consent: Record<string, unknown>) => {
      const { channel, grade, obtainedAt, expiresAt, textVersion, acquisitionId } = consent;
      return { channel, grade, obtainedAt, expiresAt, textVersion, acquisitionId };
    });
    expect(shown).toHaveLength(2);
    expect(shown).toEqual(expect.arrayContaining([
      { channel: 'call', grade: 'express_written', obtainedAt: '2026-01-01T15:04:05.000Z', expiresAt: null, textVersion: '2026-03', acquisitionId: json.acquisitionId },
      { channel: 'sms', grade: 'implied', obtainedAt: '2026-01-01T15:04:05.000Z', expiresAt: '2027-01-01T00:00:00.000Z', textVersion: null, acquisitionId: json.acquisitionId },
    ]));
  });

  it('is accepted with a time a moment ahead of our clock, and not with a later one', async () => {
    const ahead = (ms: number) => leadBody({ acquiredAt: new Date(Date.now() + ms).toISOString() });
    expect((await api.call('POST', '/v1/leads', { body: ahead(20_000) })).status).toBe(201);
    const refused = await api.call('POST', '/v1/leads', { body: ahead(3_600_000) });
    expect([refused.status, refused.json.code, refused.json.errors[0].pointer]).toEqual([422, 'acquired_in_future', '/acquiredAt']);
  });
});

describe('a lead that is read', () => {
  it('shows where it came from, masked throughout', async () => {
    const subject = { name: 'Ada Lovelace', email: 'ada@example.com', address: { street: 'Main Street 1', city: 'Washington', region: 'DC', postalCode: '20001', country: 'US' } };
    const { json } = await api.call('POST', '/v1/leads', { body: leadBody({ phone: '+12025550199', campaign: 'spring', subject }) });
    const { json: lead, text } = await api.call('GET', `/v1/leads/${json.leadId}`, { as: 'agent' });
    expect(lead).toMatchObject({
      stage: 'acquired', consentState: 'none', dncState: 'unchecked', phone: '+1202*****99', jurisdictions: ['US', 'US-DC'],
      source: SOURCE.id, zones: ['America/New_York'], blockers: ['acquisition_stale', 'list_missing'], contactableFrom: null, revealed: [],
      subject: { name: 'A***', email: 'a***@example.com', address: { country: 'US', region: 'DC' } },
      acquisitions: [{ id: json.acquisitionId, source: SOURCE.id, method: 'form', campaign: 'spring', importId: null }],
    });
    for (const personal of ['Lovelace', 'ada@', '2025550199', 'Main Street', '20001', 'Washington']) expect(text).not.toContain(personal);
  });

  it('shows how its consents stand as soon as they do, before any review', async () => {
    const { json: { leadId } } = await api.call('POST', '/v1/leads', { body: leadBody() });
    const stateAfter = async (what: string, body: object) => {
      expect((await api.call('POST', `/v1/leads/${leadId}/${what}`, { body })).status).toBe(201);
      return (await api.call('GET', `/v1/leads/${leadId}`)).json.consentState;
    };
    const scope = { channel: 'call', purpose: 'marketing' };
    const brief = { ...scope, obtainedAt: '2026-02-01T00:00:00Z', expiresAt: '2026-03-01T00:00:00Z' };
    expect(await stateAfter('consents', brief)).toBe('expired');
    expect(await stateAfter('consents', { ...scope, obtainedAt: '2026-02-02T00:00:00Z' })).toBe('granted');
    expect(await stateAfter('revocations', { ...scope, revokedAt: '2026-02-03T00:00:00Z' })).toBe('revoked');
  });

  it('is not known by any other id, whatever it looks like [ASVS 8.2.2]', async () => {
    for (const id of [UNKNOWN, 'x', '%00', '1%27or%271', UNKNOWN.toUpperCase(), `${UNKNOWN}%20`, 'a'.repeat(2_000)]) {
      for (const path of [`/v1/leads/${id}`, `/v1/leads/${id}/timeline`]) {
        const reply = await api.call('GET', path);
        expect([path, reply.status, reply.json.code]).toEqual([path, 404, 'unknown_lead']);
      }
    }
  });

  it('has a timeline of what happened, in order, page by page, without personal data', async () => {
    const consents = [{ channel: 'call', purpose: 'marketing', obtainedAt: '2026-01-01T15:04:06Z' }];
    const { json } = await api.call('POST', '/v1/leads', { body: leadBody({ consents, subject: { name: 'Grace Hopper' } }) });
    await api.call('GET', `/v1/leads/${json.leadId}?reveal=name`, { headers: { 'access-reason': 'call back for Grace' } });
    const path = `/v1/leads/${json.leadId}/timeline`;
    const whole = await api.call('GET', path);
    expect(whole.json.items.map((item: { type: string }) => item.type)).toEqual(['acquired', 'consent_granted', 'accessed']);
    expect(whole.json.items[0]).toEqual({
      at: '2026-01-01T15:04:05.000Z', type: 'acquired', id: json.acquisitionId, summary: `Acquired from ${SOURCE.id} (form).`,
    });
    expect(whole.text).not.toMatch(/Grace|Hopper|call back/);
    expect(whole.json.next).toBeNull();
    const pages = [];
    for (let after = ''; ;) {
      const page = await api.call('GET', `${path}?limit=1${after && `&after=${after}`}`);
      pages.push(...page.json.items);
      if (page.json.next === null) break;
      after = page.json.next;
    }
    expect(pages).toEqual(whole.json.items);
  });
});

describe('a search [ASVS 14.2.1]', () => {
  it('finds a lead by its number in any spelling, and by any e-mail address it ever gave', async () => {
    const body = leadBody({ subject: { email: 'Grace.Hopper@Example.com' } });
    const { json } = await api.call('POST', '/v1/leads', { body });
    await api.call('POST', '/v1/leads', { body: { ...body, subject: { email: 'second@example.com' } } });
    await api.call('POST', '/v1/leads', { body: { ...body, subject: { email: 'Third@Müller.example' } } });
    const lead = (await api.call('GET', `/v1/leads/${json.leadId}`)).json;
    const national = String(body.phone).replace(/^\+1(\d{3})(\d{3})/, '($1) $2-');
    for (const wanted of [{ phone: body.phone }, { phone: national, region: 'US' }, { email: 'grace.hopper@example.COM' }, { email: 'second@example.com' }, { email: 'third@xn--mller-kva.example' }]) {
      const reply = await api.call('POST', '/v1/leads/search', { body: wanted });
      expect([reply.status, reply.json.items]).toEqual([200, [lead]]);
    }
  });

  it('answers an empty list when nobody is found', async () => {
    for (const wanted of [{ phone: '+12025550111' }, { email: 'nobody@example.com' }]) {
      const reply = await api.call('POST', '/v1/leads/search', { body: wanted });
      expect([reply.status, reply.json]).toEqual([200, { items: [] }]);
    }
  });

  it('takes exactly one of number and address', async () => {
    for (const body of [{}, { phone: '+12025550111', email: 'nobody@example.com' }]) {
      const reply = await api.call('POST', '/v1/leads/search', { body });
      expect([reply.status, reply.json.errors[0].code]).toEqual([422, 'exactly_one']);
    }
  });
});
