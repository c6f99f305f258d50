import type { Policy } from '../policy.ts';
import { frenchHolidays } from './holidays.ts';
import { dated, hours } from './value.ts';

export const france: Policy = {
  jurisdiction: 'FR',
  name: 'France',
  holidays: frenchHolidays,
  values: {
    call_window: [
      dated('2023-03-01', hours({ weekdays: '10:00-13:00, 14:00-20:00' }, { closedOnHolidays: true, liftedBy: 'express' }),
        'Code de la consommation D223-9', 'primary'),
    ],
    attempt_cap: [
      dated('2023-03-01', { count: 4, window: 'PT720H', scope: 'seller' }, 'Code de la consommation D223-9', 'primary'),
    ],
    cooldown: [
      dated('2023-03-01', { after: 'refused', period: 'P60D' }, 'Code de la consommation D223-9', 'primary'),
    ],
    consent_required: [
      dated('2026-08-11', { channels: ['call'], purposes: ['marketing'], grade: 'express' },
        'loi 2025-594 du 30 juin 2025', 'secondary'),
      dated('2004-06-22', { channels: ['sms', 'email'], purposes: ['marketing'], grade: 'express' }, 'CPCE L34-5', 'unconfirmed'),
    ],
    relationship_exemption: [
      dated('2026-08-11', { kind: 'contract', period: null, instead: 'consent' }, 'loi 2025-594 du 30 juin 2025', 'secondary'),
    ],
  },
};
