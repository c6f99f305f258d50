import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LINE_TYPES } from '../../domain/clearance.ts';
import { policiesFor } from '../../domain/policies/book.ts';
import { isBoundToPlace, lastPorting, type Porting } from '../../domain/porting.ts';
import {
  ask, asking, gateFacts, grant, hoursBefore, listState, NOON, suppression, withdrawal, type Asked,
} from './gate-facts.ts';
import { decide } from '../../domain/decide.ts';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';

const ARIZONA = ['US', 'US-AZ'];
const ZONES: Record<string, string> = { US: 'America/Phoenix', GB: 'Europe/London', SG: 'Asia/Singapore' };

const ported = (lineType: Porting['lineType'], hours: number, id = 'porting'): Porting => ({ id, lineType, at: hoursBefore(hours) });

/** What the law of some places has against a contact at noon in New York, as `code jurisdiction`; hours aside. */
function there(jurisdictions: readonly string[], { facts, lead, ...asked }: Asked = {}): string[] {
  const found = ask({
    policies: policiesFor(jurisdictions),
    lead: { jurisdictions, zones: [ZONES[jurisdictions[0] ?? ''] ?? 'UTC'], ...lead },
    facts: { lists: fresh(), ...facts },
    settings: { caps: [], cooldown: {} },
    ...asked,
  });
  return found.reasons.filter(({ code }) => code !== 'call_window').map(({ code, jurisdiction }) => `${code} ${jurisdiction}`);
}

const LISTS = [['us-federal', 'US'], ['gb-tps', 'GB'], ['gb-ctps', 'GB'], ['sg-voice', 'SG'], ['sg-text', 'SG']] as const;
const fresh = (on?: string) => LISTS.map(([list, jurisdiction]) =>
  listState({ list, jurisdiction, listedSince: list === on ? hoursBefore(24 * 60) : null }));

const BARRED = ['dialer_mode US-AZ'];
const TO_MOBILE = { portings: [ported('mobile', 24)] };

describe('a number that was ported', () => {
  test.each<[string, readonly string[], Asked, string[]]>([
    ['to a mobile is one from that moment on', ARIZONA, { facts: { portings: [ported('mobile', 0)] } }, BARRED],
    ['to a mobile in a moment is none yet', ARIZONA, { facts: { portings: [ported('mobile', -0.001)] } }, []],
    ['within the fifteen days of grace is one all the same: whoever has it on record knows', ARIZONA, { facts: TO_MOBILE }, BARRED],
    ['is one although a look-up had said that it is fixed', ARIZONA, { lead: { lineType: 'fixed' }, facts: TO_MOBILE }, BARRED],
    ['away from a mobile is what it became', ARIZONA, { facts: { portings: [ported('mobile', 48), ported('fixed', 24)] } }, []],
    ['away from a mobile is one again once it comes back', ARIZONA, {
      facts: { portings: [ported('mobile', 2), ported('mobile', 48), ported('fixed', 24)] },
    }, BARRED],
    ['away from a mobile stays one where a look-up says so: neither outdoes the other', ARIZONA, {
      lead: { lineType: 'mobile' }, facts: { portings: [ported('fixed', 24)] },
    }, BARRED],
    ['to the internet is no mobile', ARIZONA, { facts: { portings: [ported('voip', 24)] } }, []],
    ['to a mobile may be sent a message where only calls are barred', ARIZONA, { facts: TO_MOBILE, question: { channel: 'sms' } }, []],
    ['to a mobile may be called where nobody minds', ['US'], { facts: TO_MOBILE }, []],
    ['stays on the American list', ['US'], { facts: { ...TO_MOBILE, lists: fresh('us-federal') } }, ['dnc_listed US']],
    ['stays on the British list of persons', ['GB'], { facts: { ...TO_MOBILE, lists: fresh('gb-tps') } }, ['dnc_listed GB']],
    ['stays on the British list of companies', ['GB'], { facts: { ...TO_MOBILE, lists: fresh('gb-ctps') } }, ['dnc_listed GB']],
    ['stays on the list for calls in Singapore', ['SG'], { facts: { ...TO_MOBILE, lists: fresh('sg-voice') } }, ['dnc_listed SG']],
    ['is not on the one for messages for that', ['SG'], { facts: { ...TO_MOBILE, lists: fresh('sg-voice') }, question: { channel: 'sms' } }, []],
    ['to a fixed line stays on the one for messages', ['SG'], {
      facts: { portings: [ported('fixed', 24)], lists: fresh('sg-text') }, question: { channel: 'sms' },
    }, ['dnc_listed SG']],
    ['keeps its opt-out', ['US'], { facts: { ...TO_MOBILE, suppressions: [suppression()] } }, ['suppressed company']],
    ['keeps its withdrawal', ['US'], { facts: { ...TO_MOBILE, consents: [withdrawal()] } }, ['consent_revoked company']],
    ['keeps its consent: it is the same person\'s', ['US'], {
      facts: { ...TO_MOBILE, consents: [grant({ grade: 'express_written' })], lists: fresh('us-federal') },
    }, []],
  ])('%s', (_, jurisdictions, asked, wanted) => {
    expect(there(jurisdictions, asked)).toEqual(wanted);
  });

  test('is named by the reason that rests on it', () => {
    const facts = { ...TO_MOBILE, lists: fresh() };
    const { reasons } = ask({ policies: policiesFor(ARIZONA), lead: { jurisdictions: ARIZONA }, facts });
    expect(reasons).toMatchObject([{
      code: 'dialer_mode', confidence: 'unconfirmed', notBefore: null, facts: ['line-type:mobile', 'dialer-mode:manual', 'porting:porting'],
    }]);
  });

  const portings = fc.uniqueArray(
    fc.record({
      id: fc.uuid(),
      lineType: fc.constantFrom(...LINE_TYPES),
      at: fc.integer({ min: -30, max: 300 }).map((hours) => hoursBefore(hours)),
    }),
    { selector: ({ id }) => id, maxLength: 5 },
  );
  const lineTypes = fc.constantFrom(...LINE_TYPES, null);

  test('gives the same answer in whatever order its portings arrived', () => {
    const shuffledOf = (some: Porting[]) => fc.shuffledSubarray(some, { minLength: some.length });
    const inTwoOrders = portings.chain((some) => fc.tuple(fc.constant(some), shuffledOf(some)));
    fc.assert(fc.property(inTwoOrders, ([some, shuffled]) => {
      expect(lastPorting(shuffled)).toEqual(lastPorting(some));
      expect(there(ARIZONA, { facts: { portings: shuffled } })).toEqual(there(ARIZONA, { facts: { portings: some } }));
    }));
  });

  test('is never allowed what it was not allowed before, wherever it went', () => {
    const somewhere = fc.constantFrom(...LISTS.map(([list]) => list), undefined);
    fc.assert(fc.property(portings, lineTypes, somewhere, (some, lineType, list) => {
      const law = { policies: policiesFor(ARIZONA), settings: DEFAULT_SETTINGS };
      const answer = (moved: readonly Porting[]) => {
        const facts = gateFacts({ jurisdictions: ARIZONA, lineType }, { portings: moved, lists: fresh(list) });
        return decide(asking(), facts, law, NOON);
      };
      const codes = new Set(answer(some).reasons.map(({ code }) => code));
      for (const { code } of answer([]).reasons) expect(codes).toContain(code);
    }));
  });

  test.each<[Porting['lineType'] | null, boolean]>([
    ['fixed', true], [null, true], ['mobile', false], ['voip', false],
  ])('tells by its digits where it is as a %s line: %s', (lineType, wanted) => {
    expect(isBoundToPlace(lineType)).toBe(wanted);
  });
});
