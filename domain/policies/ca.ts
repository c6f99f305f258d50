import type { Policy } from '../policy.ts';
import { dated, hours } from './value.ts';

export const canada: Policy = {
  jurisdiction: 'CA',
  name: 'Canada, federal (no province on file differs)',
  values: {
    list_freshness: [
      dated('2008-09-30', { list: 'ca-dncl', maxAge: 'P31D', channels: ['call'], requiredFor: 'everyone' },
        'CRTC Unsolicited Telecommunications Rules, Part II', 'primary'),
    ],
    registry_effect: [
      dated('2008-09-30', { list: 'ca-dncl', effect: 'block_unless_consent', channels: ['call'], grade: 'express' },
        'CRTC Unsolicited Telecommunications Rules, Part II; lnnte-dncl.gc.ca', 'primary'),
    ],
    relationship_exemption: [
      dated('2008-09-30', { kind: 'purchase', period: 'P18M', instead: 'lists' },
        'Telecommunications Act s. 41.7; lnnte-dncl.gc.ca', 'primary'),
      dated('2008-09-30', { kind: 'inquiry', period: 'P6M', instead: 'lists' },
        'Telecommunications Act s. 41.7; lnnte-dncl.gc.ca', 'primary'),
    ],
    call_window: [
      dated('2008-09-30', hours({ weekdays: '9:00-21:30', weekend: '10:00-18:00' }),
        'CRTC Unsolicited Telecommunications Rules, Part III; lnnte-dncl.gc.ca', 'primary'),
    ],
    optout_latency: [
      dated('2008-09-30', { period: 'P14D', businessDays: false },
        'CRTC Unsolicited Telecommunications Rules, Part III', 'unconfirmed'),
    ],
  },
};
