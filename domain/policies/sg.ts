import type { Policy } from '../policy.ts';
import { dated } from './value.ts';

export const singapore: Policy = {
  jurisdiction: 'SG',
  name: 'Singapore',
  values: {
    list_freshness: [
      dated('2014-01-02', { list: 'sg-voice', maxAge: 'P30D', channels: ['call'], requiredFor: 'everyone' },
        'PDPA 2012 s. 43', 'unconfirmed'),
      dated('2014-01-02', { list: 'sg-text', maxAge: 'P30D', channels: ['sms'], requiredFor: 'everyone' },
        'PDPA 2012 s. 43', 'unconfirmed'),
    ],
    registry_effect: [
      dated('2014-01-02', { list: 'sg-voice', effect: 'block_unless_consent', channels: ['call'], grade: 'express', grace: 'P21D' },
        'PDPA 2012 s. 43; PDPC: a registration takes effect after 21 days', 'primary'),
      dated('2014-01-02', { list: 'sg-text', effect: 'block_unless_consent', channels: ['sms'], grade: 'express', grace: 'P21D' },
        'PDPA 2012 s. 43; PDPC: a registration takes effect after 21 days', 'primary'),
    ],
  },
};
