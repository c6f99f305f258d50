import type { Policy } from '../policy.ts';
import { dated } from './value.ts';

export const unitedKingdom: Policy = {
  jurisdiction: 'GB',
  name: 'United Kingdom',
  values: {
    list_freshness: [
      dated('2004-06-25', { list: 'gb-tps', maxAge: 'P28D', channels: ['call'], requiredFor: 'everyone' },
        'PECR 2003 reg. 21(3)', 'secondary'),
      dated('2004-06-25', { list: 'gb-ctps', maxAge: 'P28D', channels: ['call'], requiredFor: 'companies' },
        'PECR 2003 reg. 21(3)', 'secondary'),
    ],
    registry_effect: [
      dated('2003-12-11', { list: 'gb-tps', effect: 'block_unless_consent', channels: ['call'], grade: 'express', namesCaller: true },
        'PECR 2003 reg. 21(4); ICO guidance on consent to live calls', 'primary'),
      dated('2003-12-11', { list: 'gb-ctps', effect: 'block_unless_consent', channels: ['call'], grade: 'express', namesCaller: true },
        'PECR 2003 reg. 21(4); ICO guidance on consent to live calls', 'primary'),
    ],
    cooldown: [
      dated('2010-10-01', { after: 'abandoned', period: 'PT72H' }, 'Ofcom, statement on persistent misuse, 2010', 'secondary'),
    ],
    abandonment: [
      dated('2010-10-01', { atMost: 0.03, window: 'PT24H', messageWithin: 'PT2S', ringAtLeast: 'PT15S' },
        'Ofcom, statement on persistent misuse, 2010', 'secondary'),
    ],
  },
};
