import type { Policy } from '../policy.ts';
import { australianHolidays } from './holidays.ts';
import { dated, hours } from './value.ts';

export const australia: Policy = {
  jurisdiction: 'AU',
  name: 'Australia',
  holidays: australianHolidays,
  values: {
    list_freshness: [
      dated('2007-05-31', { list: 'au-dncr', maxAge: 'P30D', channels: ['call'], requiredFor: 'everyone' },
        'Do Not Call Register Act 2006 s. 19: washed within 30 days', 'secondary'),
    ],
    registry_effect: [
      dated('2007-05-31', { list: 'au-dncr', effect: 'block_unless_consent', channels: ['call'], grade: 'express', consentLapses: 'P3M' },
        'Do Not Call Register Act 2006 s. 11 and Sch. 2', 'primary'),
    ],
    call_window: [
      dated('2017-04-01', hours({ weekdays: '9:00-20:00', sat: '9:00-17:00' }, { closedOnHolidays: true }),
        'Telemarketing and Research Calls Industry Standard 2017 (ACMA)', 'primary'),
    ],
  },
};
