import { describe, expect, test } from '@jest/globals';
import type { Policy, RuleValues } from '../../domain/policy.ts';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import { turningPoints } from '../../domain/turning-points.ts';
import { acquisition, dated, gateFacts, grant, instant, listState, page, relationship, withdrawal, type Asked } from './gate-facts.ts';

const SYDNEY = 'Australia/Sydney';
const NEW_YORK = 'America/New_York';

/** All turning points of a lead that has nothing but what is said, its acquisition of the year 2000 aside. */
function moments(facts: Asked['facts'], policies: readonly Policy[] = [], zones: readonly string[] = [NEW_YORK]): string[] {
  const settings = { ...DEFAULT_SETTINGS, sources: { other: { usableFor: 'PT0S' } } };
  const acquired = instant('2000-01-01T00:00:00Z');
  const known = gateFacts({ zones }, { acquisitions: [acquisition({ acquiredAt: acquired })], ...facts });
  const found = turningPoints(known, { policies, settings }).filter((moment) => !(moment < instant('2020-01-01T00:00:00Z')));
  return found.map((moment) => moment.toISOString()).sort();
}

const register = (value: Partial<RuleValues['registry_effect']>) =>
  dated<RuleValues['registry_effect']>({ list: 'au-dncr', effect: 'block_unless_consent', channels: ['call'], ...value });
const lapsing = page('AU', { registry_effect: [register({ consentLapses: 'P3M' }), register({ list: 'au-x' })] });
const binding = page('SG', { registry_effect: [register({ list: 'sg-voice', grace: 'P21D' }), register({ list: 'sg-text', grace: 'P21D' })] });
const fresh = page('US', {
  list_freshness: ['us-federal', 'us-other'].map((list) => dated({ list, maxAge: 'P31D', channels: ['call'], requiredFor: 'everyone' as const })),
});
const exempting = page('US', {
  relationship_exemption: [
    dated({ kind: 'purchase', period: 'P18M', instead: 'lists' }), dated({ kind: 'inquiry', period: 'P3M', instead: 'lists' }),
    dated({ kind: 'contract', period: null, instead: 'consent' }),
  ],
});
const given = (changes: Parameters<typeof grant>[0] = {}) => ({ consents: [grant({ happenedAt: instant('2026-12-31T13:00:00Z'), ...changes })] });

describe('moments at which an answer may change by itself', () => {
  test.each<[string, Parameters<typeof moments>, string[]]>([
    ['nothing on record changes nothing', [{}], []],
    ['a consent ends when it says so', [given({ expiresAt: instant('2027-03-01T00:00:00Z') })], ['2027-03-01T00:00:00.000Z']],
    ['one without an end stays', [given()], []],
    ['one that says no end lapses against the register, on the calendar of Sydney', [given(), [lapsing], [SYDNEY]], ['2027-03-31T13:00:00.000Z']],
    ['one that says its end lapses only there', [given({ expiresAt: instant('2028-01-01T00:00:00Z') }), [lapsing], [SYDNEY]], ['2028-01-01T00:00:00.000Z']],
    ['a withdrawal does not lapse', [{ consents: [withdrawal()] }, [lapsing], [SYDNEY]], []],
    ['a purchase counts on its anniversary, and not a millisecond after', [{ relationships: [relationship()] }, [exempting]], ['2028-01-13T13:00:00.001Z']],
    ['an inquiry is over sooner', [{ relationships: [relationship({ kind: 'inquiry' })] }, [exempting]], ['2026-10-13T12:00:00.001Z']],
    ['a contract ends at its end itself', [{ relationships: [relationship({ kind: 'contract', endsAt: instant('2027-06-30T22:00:00Z') })] }, [exempting]],
      ['2027-06-30T22:00:00.000Z']],
    ['an open contract does not end', [{ relationships: [relationship({ kind: 'contract' })] }, [exempting]], []],
    ['of a purchase that two laws exempt equally long there is one end', [{ relationships: [relationship()] }, [exempting, exempting]], ['2028-01-13T13:00:00.001Z']],
    ['a list is stale a millisecond after its last moment', [{ lists: [listState({ release: { id: 'r', asOf: instant('2027-01-01T00:00:00Z') } })] }, [fresh]],
      ['2027-02-01T00:00:00.001Z']],
    ['one that was never loaded does not grow old', [{ lists: [listState({ release: null })] }, [fresh]], []],
    ['an entry binds at once, and where there is a grace after it', [
      { lists: [listState({ list: 'sg-voice', release: null, listedSince: instant('2027-01-01T00:00:00Z') })] }, [binding], ['Asia/Singapore'],
    ], ['2027-01-01T00:00:00.000Z', '2027-01-22T00:00:00.000Z']],
    ['a number that is on no list waits for none', [{ lists: [listState({ release: null })] }, [binding]], []],
    ['law begins and ends at midnight, there and in UTC', [{}, [page('US', {
      evidence_retention: [dated({ period: 'P5Y' }, { from: '2027-01-31', to: '2027-07-01' })],
    })]], ['2027-01-31T00:00:00.000Z', '2027-01-31T05:00:00.000Z', '2027-07-01T00:00:00.000Z', '2027-07-01T04:00:00.000Z']],
    ['a number of no lead has the midnight of UTC alone', [{ lead: null }, [page('US', {
      evidence_retention: [dated({ period: 'P5Y' }, { from: '2027-01-31' })],
    })]], ['2027-01-31T00:00:00.000Z']],
  ])('%s', (_, asked, wanted) => {
    expect(moments(...asked)).toEqual(wanted);
  });

  test('an acquisition is too old for a first contact after the time of its kind of source, or of any other', () => {
    const came = (sourceKind: 'purchase' | 'partner') => [acquisition({ sourceKind, acquiredAt: instant('2026-12-14T12:00:00Z') })];
    const law = { policies: [], settings: DEFAULT_SETTINGS };
    expect(turningPoints(gateFacts({}, { acquisitions: came('purchase') }), law)).toEqual([instant('2027-03-14T11:00:00Z')]);
    expect(turningPoints(gateFacts({}, { acquisitions: came('partner') }), law)).toEqual([instant('2027-12-14T12:00:00Z')]);
  });
});
