import { DIALER_MODES } from '../clearance.ts';
import { PURPOSES } from '../consent.ts';
import type { Policy } from '../policy.ts';
import { dated, hours, PHONE, state } from './value.ts';

/** States of the United States with rules beyond the federal ones, Michigan to Wyoming. */
export const STATES_MI_TO_WY: readonly Policy[] = [
  state('MI', 'Michigan', {
    call_window: [
      dated('2003-01-01', hours({ daily: '9:00-21:00' }), 'Mich. Comp. Laws 445.111a', 'secondary'),
    ],
  }),
  state('MN', 'Minnesota', {
    call_window: [
      dated('1990-01-01', hours({ daily: '9:00-21:00' }), 'Minn. Stat. 325E.30', 'secondary'),
    ],
  }),
  state('MO', 'Missouri', {
    list_freshness: [
      dated('2005-01-01', { list: 'us-mo', maxAge: 'P31D', channels: PHONE, requiredFor: 'subscribers' },
        'Mo. Rev. Stat. 407.1098', 'unconfirmed'),
    ],
    registry_effect: [
      dated('2005-01-01', { list: 'us-mo', effect: 'block_unless_consent', channels: PHONE, grade: 'express_written' },
        'Mo. Rev. Stat. 407.1098', 'unconfirmed'),
    ],
  }),
  state('MS', 'Mississippi', {
    call_window: [
      dated('2003-01-01', hours({ 'mon-sat': '8:00-20:00' }), 'Miss. Code 77-3-723', 'secondary'),
    ],
  }),
  state('NJ', 'New Jersey', {
    dialer_mode: [
      dated('2005-01-01', { barred: DIALER_MODES, lineType: 'mobile' },
        'DNCScrub output guide: wireless barred even by hand', 'unconfirmed'),
    ],
  }),
  state('NM', 'New Mexico', {
    call_window: [
      dated('2003-01-01', hours({ daily: '9:00-21:00' }), 'N.M. Stat. 57-12-22', 'secondary'),
    ],
  }),
  state('NV', 'Nevada', {
    call_window: [
      dated('2000-01-01', hours({ daily: '9:00-20:00' }), 'Nev. Rev. Stat. 599B.190', 'secondary'),
    ],
  }),
  state('OK', 'Oklahoma', {
    call_window: [
      dated('2022-11-01', hours({ daily: '8:00-20:00' }), '15 O.S. 775C.4', 'secondary'),
    ],
    attempt_cap: [
      dated('2022-11-01', { count: 3, window: 'PT24H', scope: 'subject_matter' }, '15 O.S. 775C.4', 'secondary'),
    ],
    consent_required: [
      dated('2021-07-01', { channels: ['call'], purposes: PURPOSES, grade: 'express_written', dialing: ['predictive'] },
        '15 O.S. 775C.3', 'unconfirmed'),
    ],
    list_freshness: [
      dated('2005-01-01', { list: 'us-ok', maxAge: 'P31D', channels: PHONE, requiredFor: 'subscribers' },
        '15 O.S. 775B', 'unconfirmed'),
    ],
    registry_effect: [
      dated('2005-01-01', { list: 'us-ok', effect: 'block_unless_consent', channels: PHONE, grade: 'express_written' },
        '15 O.S. 775B', 'unconfirmed'),
    ],
  }),
  state('OR', 'Oregon', {
    call_window: [
      dated('2026-01-01', hours({ daily: '8:00-19:00' }), 'HB 3865 as passed by the House', 'unconfirmed'),
    ],
    attempt_cap: [
      dated('2026-01-01', { count: 3, window: 'PT24H', scope: 'number' }, 'HB 3865 as passed by the House', 'unconfirmed'),
    ],
  }),
  state('PA', 'Pennsylvania', {
    call_window: [
      dated('2026-10-18', hours({ 'mon-sat': '0:00-24:00' }), '73 P.S. 2245.2, as amended', 'secondary'),
    ],
    list_freshness: [
      dated('2005-01-01', { list: 'us-pa', maxAge: 'P31D', channels: PHONE, requiredFor: 'subscribers' },
        '73 P.S. 2241', 'unconfirmed'),
    ],
    registry_effect: [
      dated('2005-01-01', { list: 'us-pa', effect: 'block_unless_consent', channels: PHONE, grade: 'express_written' },
        '73 P.S. 2241', 'unconfirmed'),
    ],
  }),
  state('TN', 'Tennessee', {
    list_freshness: [
      dated('2005-01-01', { list: 'us-tn', maxAge: 'P31D', channels: PHONE, requiredFor: 'subscribers' },
        'Tenn. Code 65-4-405', 'unconfirmed'),
    ],
    registry_effect: [
      dated('2005-01-01', { list: 'us-tn', effect: 'block_unless_consent', channels: PHONE, grade: 'express_written' },
        'Tenn. Code 65-4-405', 'unconfirmed'),
    ],
  }),
  state('TX', 'Texas', {
    call_window: [
      dated('2009-09-01', hours({ 'mon-sat': '9:00-21:00', sun: '12:00-21:00' }), 'Tex. Bus. & Com. Code 301.051', 'secondary'),
    ],
    dialer_mode: [
      dated('2005-01-01', { barred: DIALER_MODES, lineType: 'mobile' },
        'DNCScrub output guide: wireless barred even by hand', 'unconfirmed'),
    ],
    list_freshness: [
      dated('2005-01-01', { list: 'us-tx', maxAge: 'P31D', channels: PHONE, requiredFor: 'subscribers' },
        'Tex. Bus. & Com. Code 304', 'unconfirmed'),
    ],
    registry_effect: [
      dated('2005-01-01', { list: 'us-tx', effect: 'block_unless_consent', channels: PHONE, grade: 'express_written' },
        'Tex. Bus. & Com. Code 304', 'unconfirmed'),
    ],
  }),
  state('WA', 'Washington', {
    call_window: [
      dated('2022-06-09', hours({ daily: '8:00-20:00' }), 'RCW 80.36.390', 'secondary'),
    ],
    cooldown: [
      dated('2022-06-09', { after: 'refused', period: 'P12M' }, 'RCW 80.36.390: end the call within 10 seconds', 'secondary'),
    ],
  }),
  state('WY', 'Wyoming', {
    dialer_mode: [
      dated('2005-01-01', { barred: DIALER_MODES, lineType: 'mobile' },
        'DNCScrub output guide: wireless barred even by hand', 'unconfirmed'),
    ],
    list_freshness: [
      dated('2005-01-01', { list: 'us-wy', maxAge: 'P31D', channels: PHONE, requiredFor: 'subscribers' },
        'Wyo. Stat. 40-12-302', 'unconfirmed'),
    ],
    registry_effect: [
      dated('2005-01-01', { list: 'us-wy', effect: 'block_unless_consent', channels: PHONE, grade: 'express_written' },
        'Wyo. Stat. 40-12-302', 'unconfirmed'),
    ],
  }),
];
