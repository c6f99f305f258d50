import { PURPOSES } from '../consent.ts';
import type { Policy } from '../policy.ts';
import { dated, hours, PHONE } from './value.ts';

export const india: Policy = {
  jurisdiction: 'IN',
  name: 'India',
  values: {
    call_window: [
      dated('2018-07-19', hours({ daily: '10:00-21:00' }), 'TCCCPR 2018', 'unconfirmed'),
    ],
    consent_required: [
      dated('2018-07-19', { channels: PHONE, purposes: PURPOSES, grade: 'express', method: 'dca' },
        'TCCCPR 2018: consent through the digital consent registry only', 'secondary'),
    ],
    caller_id_series: [
      dated('2018-07-19', { purposes: ['marketing', 'survey'], series: '140', callingCode: '91' },
        'TCCCPR 2018: series 140 for promotional calls', 'secondary'),
      dated('2024-05-30', { purposes: ['service'], series: '1600', callingCode: '91' },
        'TRAI: series 1600 for service calls', 'secondary'),
    ],
    subject_request_deadline: [
      dated('2018-07-19', { kind: 'answer', period: 'P5D' },
        'TCCCPR 2018: complaints within 5 days; threshold of 5 in 10 days', 'secondary'),
    ],
  },
};
