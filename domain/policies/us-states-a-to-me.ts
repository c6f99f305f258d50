import { DIALER_MODES } from '../clearance.ts';
import { PURPOSES } from '../consent.ts';
import type { Policy } from '../policy.ts';
import { alabamaHolidays, louisianaHolidays } from './holidays.ts';
import { dated, hours, PHONE, state } from './value.ts';

/** States of the United States with rules beyond the federal ones, Alabama to Maine. */
export const STATES_A_TO_ME: readonly Policy[] = [
  state('AL', 'Alabama', {
    call_window: [
      dated('2000-01-01', hours({ 'mon-sat': '8:00-20:00' }, { closedOnHolidays: true }), 'Ala. Code 8-19A-14', 'secondary'),
    ],
  }, alabamaHolidays),
  state('AZ', 'Arizona', {
    dialer_mode: [
      dated('2005-01-01', { barred: DIALER_MODES, lineType: 'mobile' },
        'DNCScrub output guide: wireless barred even by hand', 'unconfirmed'),
    ],
  }),
  state('CT', 'Connecticut', {
    call_window: [
      dated('2023-10-01', hours({ daily: '9:00-20:00' }), 'Conn. Gen. Stat. 42-288a', 'secondary'),
    ],
  }),
  state('FL', 'Florida', {
    call_window: [
      dated('2021-07-01', hours({ daily: '8:00-20:00' }), 'Fla. Stat. 501.616(6)', 'secondary'),
    ],
    attempt_cap: [
      dated('2021-07-01', { count: 3, window: 'PT24H', scope: 'subject_matter' }, 'Fla. Stat. 501.616(6)', 'secondary'),
    ],
    consent_required: [
      dated('2021-07-01', { channels: ['call'], purposes: PURPOSES, grade: 'express_written', dialing: ['predictive'] },
        'Fla. Stat. 501.059(8)', 'unconfirmed'),
    ],
  }),
  state('GA', 'Georgia', {
    attempt_cap: [
      dated('2024-07-01', { count: 4, window: 'PT24H', scope: 'number' }, 'Ga. Code 46-5-27, as reported', 'unconfirmed'),
    ],
  }),
  state('IN', 'Indiana', {
    list_freshness: [
      dated('2005-01-01', { list: 'us-in', maxAge: 'P31D', channels: PHONE, requiredFor: 'subscribers' },
        'Ind. Code 24-4.7', 'unconfirmed'),
    ],
    registry_effect: [
      dated('2005-01-01', { list: 'us-in', effect: 'block_unless_consent', channels: PHONE, grade: 'express_written' },
        'Ind. Code 24-4.7', 'unconfirmed'),
    ],
  }),
  state('KY', 'Kentucky', {
    call_window: [
      dated('2000-01-01', hours({ daily: '10:00-21:00' }), 'Ky. Rev. Stat. 367.46955', 'secondary'),
    ],
  }),
  state('LA', 'Louisiana', {
    call_window: [
      dated('2000-01-01', hours({ 'mon-sat': '8:00-20:00' }, { closedOnHolidays: true }), 'La. R.S. 45:844.14', 'secondary'),
    ],
    dialer_mode: [
      dated('2005-01-01', { barred: DIALER_MODES, lineType: 'mobile' },
        'DNCScrub output guide: wireless barred even by hand', 'unconfirmed'),
    ],
    list_freshness: [
      dated('2005-01-01', { list: 'us-la', maxAge: 'P31D', channels: PHONE, requiredFor: 'subscribers' },
        'La. R.S. 45:844.14', 'unconfirmed'),
    ],
    registry_effect: [
      dated('2005-01-01', { list: 'us-la', effect: 'block_unless_consent', channels: PHONE, grade: 'express_written' },
        'La. R.S. 45:844.14', 'unconfirmed'),
    ],
  }, louisianaHolidays),
  state('MA', 'Massachusetts', {
    call_window: [
      dated('2003-01-01', hours({ daily: '8:00-20:00' }), 'Mass. Gen. Laws c. 159C § 3', 'secondary'),
    ],
    list_freshness: [
      dated('2005-01-01', { list: 'us-ma', maxAge: 'P31D', channels: PHONE, requiredFor: 'subscribers' },
        'Mass. Gen. Laws c. 159C', 'unconfirmed'),
    ],
    registry_effect: [
      dated('2005-01-01', { list: 'us-ma', effect: 'block_unless_consent', channels: PHONE, grade: 'express_written' },
        'Mass. Gen. Laws c. 159C', 'unconfirmed'),
    ],
  }),
  state('MD', 'Maryland', {
    call_window: [
      dated('2024-01-01', hours({ daily: '8:00-20:00' }), 'Md. Code, Com. Law 14-4502', 'secondary'),
    ],
    attempt_cap: [
      dated('2024-01-01', { count: 3, window: 'PT24H', scope: 'number' }, 'Md. Code, Com. Law 14-4502', 'unconfirmed'),
    ],
  }),
  state('ME', 'Maine', {
    call_window: [
      dated('1990-01-01', hours({ weekdays: '9:00-17:00' }, { dialing: 'automated' }), 'Me. Rev. Stat. 10 § 1498', 'secondary'),
    ],
  }),
];
