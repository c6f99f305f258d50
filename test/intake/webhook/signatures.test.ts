import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { ADAPTERS } from '../../../intake/webhook/adapters.ts';
import type { SignedRequest } from '../../../intake/webhook/adapter.ts';

function request(body: string, headers: Record<string, string>, url = 'https://example.com/v1/webhooks/x'): SignedRequest {
  return { method: 'POST', url, headers, body: Buffer.from(body) };
}

// The example of the specification of Standard Webhooks.
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const BODY = '{"test": 2432232314}';
const HEADERS = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const AT = new Date(1_614_265_330_000);

describe.each(['standard', 'salesforce', 'cloudevents'] as const)('a signature of Standard Webhooks, as %s has it', (provider) => {
  const { isGenuine } = ADAPTERS[provider];

  it('is genuine in the example of the specification', () => {
    expect(isGenuine(request(BODY, HEADERS), SECRET, AT)).toBe(true);
  });

  it('is one among several while a secret is changed', () => {
    const several = `v1,AAAA v1a,${HEADERS['webhook-signature'].slice(3)} ${HEADERS['webhook-signature']}`;
    expect(isGenuine(request(BODY, { ...HEADERS, 'webhook-signature': several }), SECRET, AT)).toBe(true);
  });

  it.each([
    ['another body', BODY.replace('4', '5'), {}],
    ['another id', BODY, { 'webhook-id': 'msg_other' }],
    ['another time', BODY, { 'webhook-timestamp': '1614265331' }],
    ['another version', BODY, { 'webhook-signature': HEADERS['webhook-signature'].replace('v1', 'v2') }],
    ['no signature', BODY, { 'webhook-signature': '' }],
    ['half a signature', BODY, { 'webhook-signature': HEADERS['webhook-signature'].slice(0, 20) }],
    ['a time that is none', BODY, { 'webhook-timestamp': 'NaN' }],
  ])('is refused with %s', (_, body, changes) => {
    expect(isGenuine(request(body, { ...HEADERS, ...changes }), SECRET, AT)).toBe(false);
  });

  it.each([[299, true], [-299, true], [301, false], [-301, false]])('that is %s seconds old is taken: %s', (seconds, taken) => {
    expect(isGenuine(request(BODY, HEADERS), SECRET, new Date(AT.getTime() + seconds * 1_000))).toBe(taken);
  });

  it('is genuine exactly when the library of the standard says so', () => {
    fc.assert(fc.property(fc.string(), fc.string({ minLength: 1 }), fc.boolean(), (body, id, forged) => {
      const now = new Date();
      const signature = new Webhook(SECRET).sign(id, now, body);
      const headers = { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)), 'webhook-signature': signature };
      expect(isGenuine(request(forged ? `${body}!` : body, headers), SECRET, now)).toBe(!forged);
    }));
  });

  it('takes a secret that is made here, and no other shape', () => {
    const { createSecret, faultOf } = ADAPTERS[provider];
    expect(faultOf(createSecret())).toBeNull();
    for (const wrong of ['', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_AAAA', 'whsec_ä', `whsec_${'A'.repeat(200)}`]) expect(faultOf(wrong)).toContain('whsec_');
  });
});

describe('a signature of Twilio', () => {
  // The example of Twilio's documentation, with the account's token 12345.
  const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
  const form = { CallSid: 'CA1234567890ABCDE', Caller: '+14158675310', Digits: '1234', From: '+14158675310', To: '+18005551212' };
  const body = new URLSearchParams(form).toString();
  const genuine = (changed: string, headers: Record<string, string>, address = url) => ADAPTERS.twilio.isGenuine(request(changed, headers, address), '12345', AT);

  it('is genuine in the examples of the documentation', () => {
    expect(genuine(body, { 'x-twilio-signature': 'GvWf1cFY/Q7PnoempGyD5oXAezc=' })).toBe(true);
    const older = new URLSearchParams({ ...form, Caller: '+14158675309', From: '+14158675309' }).toString();
    expect(genuine(older, { 'x-twilio-signature': 'RSOYDt4T1cUTdK1PDd93/VVr8B8=' })).toBe(true);
  });

  it('is genuine for the address with and without its port', () => {
    const signed = (address: string) => createHmac('sha1', '12345').update(`${address}From+1`).digest('base64');
    for (const address of ['https://example.com/myapp', 'https://example.com:443/myapp', 'https://example.com:8443/myapp']) {
      expect(genuine('From=%2B1', { 'x-twilio-signature': signed(address) }, address.replace(':443', ''))).toBe(true);
    }
  });

  it.each([
    ['a field changed', body.replace('1234', '1235'), url],
    ['a field more', `${body}&Extra=1`, url],
    ['another address', body, url.replace('bar=2', 'bar=3')],
  ])('is refused with %s', (_, changed, address) => {
    expect(genuine(changed, { 'x-twilio-signature': 'GvWf1cFY/Q7PnoempGyD5oXAezc=' }, address)).toBe(false);
    expect(genuine(changed, {}, address)).toBe(false);
  });
});

describe('a signature of HubSpot, version 3', () => {
  const url = 'https://www.example.com/webhook_uri?name=a%20b&at=%40%3A';
  const body = '[{"eventId":1}]';
  // Method, address with what HubSpot leaves readable in it, body, time: base64 of HMAC-SHA256 with the client secret.
  const sign = (timestamp: string) => createHmac('sha256', 'yyyyyyyy-yyyy').update(`POSThttps://www.example.com/webhook_uri?name=a%20b&at=@:${body}${timestamp}`).digest('base64');
  const genuine = (timestamp: string, now: number, changed = body) => {
    const headers = { 'x-hubspot-request-timestamp': timestamp, 'x-hubspot-signature-v3': sign(timestamp) };
    return ADAPTERS.hubspot.isGenuine(request(changed, headers, url), 'yyyyyyyy-yyyy', new Date(now));
  };

  it('is genuine as documented, for five minutes', () => {
    const at = 1_700_000_000_000;
    expect([0, 299_000, 301_000].map((later) => genuine(String(at), at + later))).toEqual([true, true, false]);
    expect([genuine(String(at), at, '[]'), genuine('rubbish', at)]).toEqual([false, false]);
  });
});

describe('rubbish', () => {
  it('is genuine to nobody, and fails nowhere', () => {
    const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'x-twilio-signature', 'x-hubspot-request-timestamp', 'x-hubspot-signature-v3'];
    const headers = fc.dictionary(fc.constantFrom(...names), fc.string(), { noNullPrototype: true });
    fc.assert(fc.property(fc.uint8Array(), headers, fc.string(), (bytes, given, url) => {
      for (const adapter of Object.values(ADAPTERS)) {
        expect(adapter.isGenuine({ method: 'POST', url, headers: given, body: Buffer.from(bytes) }, adapter.createSecret(), AT)).toBe(false);
      }
    }));
  });
});
