import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { acquisitionBody } from '../../../api/lead-bodies.ts';
import { ATTRIBUTES } from '../../../domain/attributes.ts';
import { CHANNELS, GRADES, PURPOSES } from '../../../domain/consent.ts';
import { readFile, SOURCE } from './reading.ts';

const AT = '2026-01-01T00:00:00Z';
const read = (lines: unknown[], parameters = {}) => {
  return readFile(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'), parameters, 'ndjson');
};

describe('a line of NDJSON', () => {
  it.each([
    ['no JSON', '{"phone":', 'malformed_json', ''],
    ['a list', '[]', 'wrong_type', ''],
    ['an unknown field', { phone: '+12025550143', acquiredAt: AT, isAdmin: true }, 'unknown_field', 'isAdmin'],
    ['a source of its own', { phone: '+12025550143', acquiredAt: AT, source: 'fair' }, 'unknown_field', 'source'],
    ['an unregistered attribute', { phone: '+12025550143', acquiredAt: AT, attributes: { religion: 'x' } }, 'unknown_field', 'attributes.religion'],
    ['a field that may be a person', { phone: '+12025550143', acquiredAt: AT, '+12025550143': 1 }, 'unknown_field', ''],
    ['an object for a number', { phone: {}, acquiredAt: AT }, 'wrong_type', 'phone'],
    ['a text for an object', { phone: '+12025550143', acquiredAt: AT, subject: 'Ada' }, 'wrong_type', 'subject'],
    ['no time', { phone: '+12025550143' }, 'acquired_at_missing', 'acquiredAt'],
    ['a NUL', { phone: '+12025550143', acquiredAt: AT, subject: { name: 'a\0b' } }, 'unstorable_text', ''],
    ['half of a surrogate pair', '{"phone":"+12025550143","acquiredAt":"2026-01-01T00:00:00Z","reference":"\\ud800"}', 'unstorable_text', ''],
    ['a channel that is none', { phone: '+12025550143', acquiredAt: AT, consents: [{ channel: 'fax', purpose: 'survey', obtainedAt: AT }] }, 'not_allowed', 'consents.0.channel'],
    ['a consent without a time', { phone: '+12025550143', acquiredAt: AT, consents: [{ channel: 'sms', purpose: 'survey' }] }, 'invalid_time', 'consents.0.obtainedAt'],
  ])('is refused for %s', async (_, line, code, column) => {
    expect((await read(['', line])).refusals).toMatchObject([{ row: 2, code, column }]);
  });

  it('is refused for an unknown field that is nested a hundred thousand deep', async () => {
    const deep = `{"phone":"+12025550143","reference":"\\u0041","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect((await read([deep])).refusals).toMatchObject([{ row: 1, code: 'unknown_field', column: 'x' }]);
  });

  it('is read by its top-level keys where there is a mapping', async () => {
    const mapping = { phone: 'tel', acquiredAt: 'ts', 'subject.name': ['first', 'last'] };
    const lines = [{ tel: 2025550143, ts: AT, first: 'Ada', last: null, more: { ignored: true } }, { ts: AT }, { tel: ['+12025550144'], ts: AT }];
    const { acquisitions, refusals } = await read(lines, { mapping });
    expect(acquisitions).toMatchObject([{ phone: '+12025550143', subject: { name: 'Ada' } }]);
    expect(refusals).toMatchObject([{ row: 2, code: 'invalid_phone', column: 'tel' }, { row: 3, code: 'wrong_type', column: 'tel' }]);
  });

  it('means what the same body of POST /v1/leads means', async () => {
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const { acquisitions } = await read([body]);
        const expected = acquisitionBody.parse({ ...body, source: 'fair' });
        expect(acquisitions).toHaveLength(1);
        const { phone, country, source, receivedAt, ...rest } = acquisitions[0]!;
        expect([phone, country, source]).toEqual(['+12025550143', 'US', SOURCE]);
        const { phone: _, region, source: __, ...same } = expected;
        expect(JSON.parse(JSON.stringify(rest))).toEqual(JSON.parse(JSON.stringify({ campaign: null, reference: null, ...same, method: body.method ?? 'import' })));
      }),
      { numRuns: 500 },
    );
  });
});

const letter = fc.constantFrom('a', 'é', '漢', ' ', '.', '😀');
const words = (longest: number) =>
  fc.string({ unit: letter, minLength: 1, maxLength: longest >> 1 }).filter((text) => text === text.trim());
const label = fc.stringMatching(/^[a-zé0-9][a-zé0-9 _.:/-]{0,20}[a-z]$/u);
const word = fc.stringMatching(/^[a-z0-9][a-z0-9._:-]{0,20}$/);
const past = fc.date({ min: new Date('2000-01-01'), max: new Date('2026-11-01'), noInvalidDate: true }).map((date) => date.toISOString());
const optional = { requiredKeys: [] };
const consents = fc.record(
  {
    channel: fc.constantFrom(...CHANNELS),
    purpose: fc.constantFrom(...PURPOSES),
    obtainedAt: past,
    expiresAt: fc.constantFrom(null, '2030-01-01T00:00:00+02:00'),
    grade: fc.constantFrom(...GRADES),
    evidence: fc.record(
      { textVersion: word, method: word, url: fc.webUrl(), language: words(35), certificate: words(50), statement: words(80) },
      optional,
    ),
  },
  { requiredKeys: ['channel', 'purpose', 'obtainedAt', 'expiresAt'] },
);
const bodies = fc.record(
  {
    phone: fc.constantFrom('+12025550143', '(202) 555-0143', '00 1 202 555 0143'),
    region: fc.constant('US'),
    acquiredAt: past,
    method: label,
    campaign: label,
    reference: words(40),
    subject: fc.record(
      {
        name: words(40),
        email: fc.constantFrom('ada@example.com', 'ada+x@sub.example.org', 'ädä@exämple.de'),
        address: fc.record({ street: words(40), city: words(20), region: words(10), postalCode: words(9), country: fc.constantFrom('US', 'DE') }, optional),
      },
      optional,
    ),
    attributes: fc.record(Object.fromEntries(Object.keys(ATTRIBUTES).map((name) => [name, words(30)])), optional),
    consents: fc.array(consents, { maxLength: 3 }),
  },
  { requiredKeys: ['phone', 'acquiredAt', 'subject', 'attributes', 'consents'] },
);
