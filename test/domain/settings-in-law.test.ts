import { describe, expect, it } from '@jest/globals';
import { POLICIES } from '../../domain/policies/book.ts';
import type { Dated, Policy, RuleValues } from '../../domain/policy.ts';
import { breaches, isShorter } from '../../domain/settings-in-law.ts';
import { DEFAULT_SETTINGS, needsConfirmation, type Settings } from '../../domain/settings.ts';

const DAY = '2026-11-24';

function lawOf(value: RuleValues['cooldown'], dates: Partial<Dated<unknown>> = {}): Policy {
  const dated = { from: '2020-01-01', source: 'Act 1', verifiedAt: '2026-11-01', confidence: 'secondary' as const, ...dates };
  return { jurisdiction: 'XX', name: 'Nowhere', values: { cooldown: [{ ...dated, value }] } };
}

function settingsOf(cooldown: Settings['cooldown']): Settings {
  return { ...DEFAULT_SETTINGS, cooldown };
}

describe('settings beside the law', () => {
  it('are lawful everywhere as the product comes', () => {
    expect(breaches(DEFAULT_SETTINGS, POLICIES.values(), DAY)).toEqual([]);
  });

  it.each<[string, Settings['cooldown'], Policy, number]>([
    ['as long as the law says', { refused: 'P60D' }, lawOf({ after: 'refused', period: 'P60D' }), 0],
    ['longer', { refused: 'P61D' }, lawOf({ after: 'refused', period: 'P60D' }), 0],
    ['shorter by a day', { refused: 'P59D' }, lawOf({ after: 'refused', period: 'P60D' }), 1],
    ['two months where sixty days are asked, which is shorter after New Year', { refused: 'P2M' }, lawOf({ after: 'refused', period: 'P60D' }), 1],
    ['a year in days where a year is asked, which is shorter in a leap year', { refused: 'P365D' }, lawOf({ after: 'refused', period: 'P1Y' }), 1],
    ['the same in other words', { abandoned: 'P3D' }, lawOf({ after: 'abandoned', period: 'PT72H' }), 0],
    ['left out where the law has one', {}, lawOf({ after: 'abandoned', period: 'PT72H' }), 1],
    ['of another outcome', { refused: 'P1D' }, lawOf({ after: 'abandoned', period: 'PT72H' }), 1],
    ['any, where that of the law has no end', { refused: 'P1D' }, lawOf({ after: 'refused', period: null }), 0],
    ['shorter than a law that has ended today', { refused: 'P1D' }, lawOf({ after: 'refused', period: 'P60D' }, { to: DAY }), 0],
    ['shorter than a law that ends tomorrow', { refused: 'P1D' }, lawOf({ after: 'refused', period: 'P60D' }, { to: '2026-11-25' }), 1],
    ['shorter than a law to come', { refused: 'P1D' }, lawOf({ after: 'refused', period: 'P60D' }, { from: '2030-01-01' }), 1],
  ])('a quiet time %s', (_, cooldown, policy, count) => {
    expect(breaches(settingsOf(cooldown), [policy], DAY)).toHaveLength(count);
  });

  it('say which law, where it is written, and what it asks', () => {
    expect(breaches(settingsOf({ refused: 'P1D' }), [lawOf({ after: 'refused', period: 'P60D' })], DAY)).toEqual([
      { pointer: '/cooldown/refused', rule: 'cooldown', jurisdiction: 'XX', source: 'Act 1', confidence: 'secondary', atLeast: 'P60D' },
    ]);
  });

  it('knows that no duration is shorter than itself', () => {
    for (const duration of ['P1M', 'P30D', 'PT72H', 'P1Y', 'PT0S']) expect(isShorter(duration, duration)).toBe(false);
  });
});

describe('a confirmation that the settings ask for', () => {
  const consent = { jurisdictions: ['US', 'US-FL'], channel: 'call', purpose: 'marketing.own' } as const;
  it.each<[string, Settings['confirmation']['required'], boolean]>([
    ['of nothing', [], false],
    ['of everything', [{}], true],
    ['of a part of the country', [{ jurisdiction: 'US-FL' }], true],
    ['of another country', [{ jurisdiction: 'DE' }], false],
    ['of the channel', [{ channel: 'call' }], true],
    ['of another channel', [{ channel: 'sms' }], false],
    ['of a purpose above', [{ purpose: 'marketing' }], true],
    ['of a purpose beside', [{ purpose: 'marketing.partner' }], false],
    ['of the channel elsewhere', [{ channel: 'call', jurisdiction: 'DE' }], false],
    ['of one of several', [{ jurisdiction: 'DE' }, { channel: 'call' }], true],
  ])('%s', (_, required, expected) => {
    const confirmation = { ...DEFAULT_SETTINGS.confirmation, required };
    expect(needsConfirmation({ ...DEFAULT_SETTINGS, confirmation }, consent)).toBe(expected);
  });
});
