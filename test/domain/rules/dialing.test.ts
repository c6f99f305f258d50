import { describe, expect, test } from '@jest/globals';
import { ask, campaignCalls, codes, dated, page, type Asked } from '../gate-facts.ts';

const arizona = page('US-AZ', { dialer_mode: [dated({ barred: ['manual', 'preview', 'predictive', 'prerecorded', 'ai_voice'], lineType: 'mobile' })] });
const federal = page('US', { abandonment: [dated({ atMost: 0.03, window: 'PT720H', messageWithin: 'PT2S' })] });
const india = page('IN', {
  caller_id_series: [
    dated({ purposes: ['marketing'], series: '140', callingCode: '91' }), dated({ purposes: ['service'], series: '1600', callingCode: '91' }),
  ],
});
const fromNumber = (callerId: string | null, purpose: 'marketing' | 'service' | 'survey' = 'marketing'): Asked => {
  return { policies: [india], question: { callerId, purpose } };
};
const dialed = (live: number, abandoned: number): Asked => {
  return { policies: [federal], question: { dialerMode: 'predictive' }, facts: { campaign: [campaignCalls(live, abandoned)] } };
};

describe('ways of dialing', () => {
  test.each<[string, Asked, string[]]>([
    ['a mobile line is barred even by hand', { policies: [arizona], lead: { lineType: 'mobile' } }, ['dialer_mode']],
    ['a fixed line is not', { policies: [arizona], lead: { lineType: 'fixed' } }, []],
    ['a line that nobody looked up is not', { policies: [arizona] }, []],
    ['a text message is not dialed', { policies: [arizona], lead: { lineType: 'mobile' }, question: { channel: 'sms' } }, []],
    ['a number of no lead was not looked up either', { policies: [arizona], facts: { lead: null } }, ['lead_unknown']],
    ['elsewhere nobody minds', { policies: [federal], lead: { lineType: 'mobile' } }, []],
    ['only the ways that are named are barred', {
      policies: [page('XX', { dialer_mode: [dated({ barred: ['ai_voice'], lineType: 'mobile' })] })], lead: { lineType: 'mobile' },
    }, []],
    ['too many abandoned calls stop the dialer', dialed(100, 4), ['abandonment']],
    ['three in a hundred are still allowed', dialed(100, 3), []],
    ['thirty-one in a thousand are not', dialed(1000, 31), ['abandonment']],
    ['one of a handful is too many', dialed(5, 1), ['abandonment']],
    ['a campaign without calls may begin', dialed(0, 0), []],
    ['a campaign that nobody counted may begin', { ...dialed(0, 0), facts: {} }, []],
    ['messages abandon nobody', { ...dialed(100, 50), question: { channel: 'sms', dialerMode: 'predictive' } }, []],
    ['calls by hand abandon nobody', { ...dialed(100, 50), question: { dialerMode: 'manual' } }, []],
    ['calls counted over another window are not these', {
      ...dialed(0, 0), facts: { campaign: [{ ...campaignCalls(100, 50), window: 'PT24H' }] },
    }, []],
    ['a promotional call comes from its series', fromNumber('+911401234567'), []],
    ['in national digits as well', fromNumber('1401234567'), []],
    ['not from an ordinary number', fromNumber('+919876543210'), ['caller_id_series']],
    ['not from the series of another country', fromNumber('+1401234567'), ['caller_id_series']],
    ['not from the service series', fromNumber('+9116001234'), ['caller_id_series']],
    ['which is for service', fromNumber('+9116001234', 'service'), []],
    ['a survey has no series', fromNumber('+919876543210', 'survey'), []],
    ['nor one of a neighbour whose digits come out right', fromNumber('+921401234567'), ['caller_id_series']],
    ['a message may come from any number', { policies: [india], question: { callerId: '+919876543210', channel: 'sms' } }, []],
    ['of two series for the same calls either will do', {
      policies: [page('IN', { caller_id_series: ['140', '161'].map((series) => dated({ purposes: ['marketing' as const], series, callingCode: '91' })) })],
      question: { callerId: '+911611234567' },
    }, []],
    ['a number that nobody named cannot be judged', fromNumber(null), []],
  ])('%s', (_, asked, wanted) => {
    expect(codes(asked)).toStrictEqual(wanted);
  });

  test('the reasons say what was looked at', () => {
    expect(ask(dialed(100, 4))).toMatchObject({
      decision: 'deny', notBefore: null, reasons: [{ code: 'abandonment', jurisdiction: 'US', rule: 'abandonment', source: 'Act 1', facts: ['abandoned:4', 'live:100'] }],
    });
    expect(ask(fromNumber('+919876543210')).reasons).toMatchObject([{ jurisdiction: 'IN', rule: 'caller_id_series', facts: ['series:140'] }]);
    expect(ask({ policies: [arizona], lead: { lineType: 'mobile' } }).reasons).toMatchObject([{
      jurisdiction: 'US-AZ', rule: 'dialer_mode', facts: ['line-type:mobile', 'dialer-mode:manual'],
    }]);
  });
});
