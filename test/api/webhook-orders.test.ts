import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { importLeads } from './lead-files.ts';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';
import { createSender, sendStandard, sendTwilio, type Sender } from './webhook-sending.ts';

const senders = {} as Record<'crm' | 'messages' | 'bus' | 'carrier', Sender>;
let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
  senders.crm = await createSender(api, 'standard', { id: 'crm' });
  senders.messages = await createSender(api, 'standard', { id: 'messages', mapping: { purpose: 'marketing', channel: 'sms' } });
  senders.bus = await createSender(api, 'cloudevents', { id: 'bus' });
  senders.carrier = await createSender(api, 'twilio', { id: 'carrier' });
});
afterAll(() => api.stop());

/** Something that was said on some day, and through whom it comes. */
interface Told {
  id: string;
  through: 'crm' | 'messages' | 'bus';
  type: 'consent.granted' | 'consent.revoked' | 'message.received';
  channel: 'sms' | 'call' | 'email';
  statement: 'STOP' | 'START';
  day: number;
}

const anyTold: fc.Arbitrary<Told> = fc.record({
  id: fc.uuid(),
  through: fc.constantFrom('crm' as const, 'messages' as const, 'bus' as const),
  channel: fc.constantFrom('sms' as const, 'call' as const, 'email' as const),
  statement: fc.constantFrom('STOP' as const, 'START' as const),
  day: fc.integer({ min: 1, max: 28 }),
  revokes: fc.boolean(),
}).map(({ revokes, ...told }) => ({ ...told, type: told.through === 'messages' ? 'message.received' : revokes ? 'consent.revoked' : 'consent.granted' }));

/** Every event at least once, in any order. */
const anyOrders = fc.array(anyTold, { minLength: 1, maxLength: 8 }).chain((told) => fc.tuple(
  fc.constant(told),
  fc.array(fc.constantFrom(...told), { maxLength: 4 }).chain((again) => {
    return fc.shuffledSubarray([...told, ...again], { minLength: told.length + again.length });
  }),
));

async function tell(phone: string, { id, through, type, channel, statement, day }: Told, run: string): Promise<void> {
  const at = `2026-02-${String(day).padStart(2, '0')}T00:00:00Z`;
  const data = through === 'messages' ? { phone, statement } : { phone, channel, purpose: 'marketing', grade: 'express' };
  const own = `${run}-${id}`;
  const event = through === 'bus' ? { specversion: '1.0', source: '/bus', id: own, type, time: at, data } : { type, timestamp: at, data };
  const { status, json } = await sendStandard(api, senders[through], event, { id: own });
  if (status !== 200 || !['applied', 'duplicate'].includes(json.results[0].result)) throw new Error(`an event was not taken: ${JSON.stringify(json)}`);
}

async function acquire(): Promise<{ id: string; phone: string }> {
  const body = leadBody();
  const { json } = await api.call('POST', '/v1/leads', { body: { ...body, phone: `+1202555${String((unique += 1)).padStart(4, '0')}` } });
  return { id: json.leadId, phone: `+1202555${String(unique).padStart(4, '0')}` };
}
let unique = 2_000;

/** What it all comes to: the ledger, and what stands against each channel. */
async function outcomeOf({ id, phone }: { id: string; phone: string }) {
  const { json } = await api.call('GET', `/v1/leads/${id}/consents`);
  const standing = json.inForce.map((each: Record<string, string>) => [each.channel, each.purpose, each.state]).sort();
  return { standing, reasons: { sms: await reasonsOf(phone, 'sms'), call: await reasonsOf(phone, 'call'), email: await reasonsOf(phone, 'email') } };
}

async function reasonsOf(phone: string, channel: string): Promise<string[]> {
  const { json } = await api.call('POST', '/v1/clearances/preview', { body: { phone, channel, purpose: 'marketing', at: '2026-06-01T16:00:00Z' } });
  return [...new Set<string>(json.reasons.map(({ code }: { code: string }) => code))].sort();
}

describe('events from three sources', () => {
  it('come to the same in every order, with repetitions, and at the same time', async () => {
    await fc.assert(fc.asyncProperty(anyOrders, async ([told, mixed]) => {
      const [one, two, three] = [await acquire(), await acquire(), await acquire()];
      for (const each of told) await tell(one.phone, each, one.id);
      for (const each of mixed) await tell(two.phone, each, two.id);
      await Promise.all(mixed.map((each) => tell(three.phone, each, three.id)));
      const outcomes = [await outcomeOf(one), await outcomeOf(two), await outcomeOf(three)];
      expect(outcomes[1]).toEqual(outcomes[0]);
      expect(outcomes[2]).toEqual(outcomes[0]);
    }), { numRuns: 12 });
  });
});

type Deed = (phone: string) => Promise<unknown>;
const now = () => new Date().toISOString();
const OWN = { channel: 'sms', purpose: 'marketing' };

/** What others may do about somebody who has opted out; the person themselves does nothing. */
const DEEDS = {
  grant: (phone) => sendStandard(api, senders.crm, {
    type: 'consent.granted', timestamp: now(), data: { phone, ...OWN, grade: 'express_written' },
  }),
  acquire: (phone) => api.call('POST', '/v1/leads', {
    body: {
      ...leadBody(), phone, acquiredAt: now(),
      consents: [{ ...OWN, obtainedAt: new Date(Date.now() - 1_000).toISOString(), grade: 'express_written' }],
    },
  }),
  file: importConsent,
  message: (phone) => sendTwilio(api, senders.carrier, { From: phone, Body: 'yes, thanks' }),
  repeat: (phone) => sendStandard(
    api, senders.crm, { type: 'consent.granted', timestamp: '2026-02-01T00:00:00Z', data: { phone, ...OWN } }, { id: `again-${phone.slice(2)}x` },
  ),
} satisfies Record<string, Deed>;

const OPT_OUTS = {
  reported: (phone) => sendStandard(api, senders.crm, { type: 'consent.revoked', timestamp: now(), data: { phone, channel: 'sms' } }),
  texted: (phone) => sendTwilio(api, senders.carrier, { From: phone, Body: 'STOP' }),
  bused: (phone) => sendStandard(api, senders.bus, {
    specversion: '1.0', id: randomUUID(), source: '/b', type: 'contact.opted-out', data: { phone },
  }),
} satisfies Record<string, Deed>;

async function importConsent(phone: string): Promise<void> {
  const csv = `phone,when\n${phone},${new Date(Date.now() - 1_000).toISOString()}\n`;
  await importLeads(api, csv, { phone: 'phone', acquiredAt: 'when', 'consent.sms.marketing.obtainedAt': 'when' });
}

describe('somebody who has opted out', () => {
  it('is not made contactable by any sequence of imports and webhooks', async () => {
    const deeds = fc.array(fc.constantFrom(...Object.keys(DEEDS) as (keyof typeof DEEDS)[]), { maxLength: 4 });
    const optOut = fc.constantFrom(...Object.keys(OPT_OUTS) as (keyof typeof OPT_OUTS)[]);
    await fc.assert(fc.asyncProperty(deeds, optOut, deeds, fc.boolean(), async (before, way, after, isKnown) => {
      const phone = isKnown ? (await acquire()).phone : `+1202555${String((unique += 1)).padStart(4, '0')}`;
      for (const deed of before) await DEEDS[deed](phone);
      await OPT_OUTS[way](phone);
      for (const deed of [...after, 'acquire', 'grant'] as const) await DEEDS[deed](phone);
      const { json } = await api.call('POST', '/v1/clearances/preview', { body: { phone, channel: 'sms', purpose: 'marketing' } });
      const codes = json.reasons.map(({ code }: { code: string }) => code);
      expect(codes.includes('suppressed') || codes.includes('consent_revoked')).toBe(true);
      expect(json.decision).not.toBe('allow');
    }), { numRuns: 12 });
  });
});
