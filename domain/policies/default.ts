import { CHANNELS, PURPOSES } from '../consent.ts';
import type { Policy } from '../policy.ts';
import { dated, hours, PHONE } from './value.ts';

export const anywhereElse: Policy = {
  jurisdiction: '*',
  name: 'Anywhere else: the strictest common default',
  isDefault: true,
  values: {
    list_freshness: [
      dated('1970-01-01', { list: '*', maxAge: 'P31D', channels: PHONE, requiredFor: 'everyone' },
        'strictest common default', 'unconfirmed'),
    ],
    consent_required: [
      dated('1970-01-01', { channels: CHANNELS, purposes: PURPOSES, grade: 'express' },
        'strictest common default', 'unconfirmed'),
    ],
    call_window: [
      dated('1970-01-01', hours({ weekdays: '9:00-20:00' }), 'strictest common default', 'unconfirmed'),
    ],
    attempt_cap: [
      dated('1970-01-01', { count: 3, window: 'PT24H', scope: 'number' }, 'strictest common default', 'unconfirmed'),
    ],
  },
};
