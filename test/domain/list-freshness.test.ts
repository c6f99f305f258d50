import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isCron } from '../../domain/cron.ts';
import { freshnessOf } from '../../domain/list-freshness.ts';
import { policiesFor, policiesOnLists } from '../../domain/policies/book.ts';
import { FIXED_LISTS } from '../../domain/policies/fixed-lists.ts';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import { codes, listState } from './gate-facts.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const DAY_MS = 86_400_000;
const WARNING_DAYS = 7;

const lists = [...FIXED_LISTS].map(([id, { jurisdiction }]) => ({ id, jurisdiction }));
const list = fc.constantFrom(...lists, { id: 'jp-list', jurisdiction: 'JP' }, { id: 'ours', jurisdiction: 'US' });
/** Also to the millisecond at the ages that laws name. */
const ageMs = fc.oneof(
  fc.integer({ min: 0, max: 60 * DAY_MS }),
  fc.tuple(fc.constantFrom(15, 28, 30, 31), fc.constantFrom(-1, 0, 1)).map(([days, off]) => days * DAY_MS + off),
);

describe('how fresh a list is', () => {
  test('is what the gate finds, for every list, age and subscription', () => {
    fc.assert(fc.property(list, fc.option(ageMs), fc.boolean(), ({ id, jurisdiction }, age, isRequired) => {
      const asOf = age === null ? null : new Date(NOW.getTime() - age);
      const required = isRequired ? [id] : [];
      const asked = { policies: policiesOnLists(jurisdiction), required, warningDays: WARNING_DAYS, now: NOW };
      const { state } = freshnessOf({ id, jurisdiction, asOf }, asked);
      const country = jurisdiction.slice(0, 2);
      const found = codes({
        at: NOW,
        question: { channel: id === 'sg-text' ? 'sms' : 'call' },
        policies: policiesFor([...new Set([country, jurisdiction])]),
        lead: { jurisdictions: [country, jurisdiction], zones: ['UTC'], isCompany: true },
        facts: { lists: [...lists, { id, jurisdiction }].map((each) => listState({
          list: each.id, jurisdiction: each.jurisdiction, release: each.id !== id ? { id: 'other', asOf: NOW } : asOf && { id: 'release', asOf },
        })) },
        settings: { lists: { ...DEFAULT_SETTINGS.lists, required } },
      });
      // A list of the company's own that it requires is missing without any rule of how old it may become.
      const missesOwn = state === 'unbound' && isRequired && asOf === null;
      expect(found.includes('list_stale')).toBe(state === 'stale');
      expect(found.includes('list_missing')).toBe(state === 'missing' || missesOwn);
    }), { numRuns: 500 });
  });

  test.each<[days: number, state: string]>([
    [0, 'fresh'], [23.999, 'fresh'], [24, 'stale_soon'], [31, 'stale_soon'], [31.001, 'stale'],
  ])('of a list of %p days under a rule of 31 days is %p, seven days before', (days, state) => {
    const asOf = new Date(NOW.getTime() - days * DAY_MS);
    const asked = { policies: policiesOnLists('US'), required: [], warningDays: WARNING_DAYS, now: NOW };
    expect(freshnessOf({ id: 'us-federal', jurisdiction: 'US', asOf }, asked)).toMatchObject({
      state, staleAt: new Date(asOf.getTime() + 31 * DAY_MS), rules: [{ jurisdiction: 'US', maxAge: 'P31D' }],
    });
  });
});

describe('a cron expression', () => {
  test.each(['* * * * *', '15 4 * * 1-5', '*/10 0-6/2 1,15 * 0,7', '0 0 31 12 *'])('can be %j', (text) => expect(isCron(text)).toBe(true));
  test.each(['', '* * * *', '* * * * * *', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * * 13 *', '* * * * 8', '5-1 * * * *', '*/0 * * * *', '@daily', '* * * * MON', '*  * * * *'])(
    'cannot be %j', (text) => expect(isCron(text)).toBe(false),
  );
});
