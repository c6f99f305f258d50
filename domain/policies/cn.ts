import type { Policy } from '../policy.ts';
import { dated, hours, PHONE } from './value.ts';

export const china: Policy = {
  jurisdiction: 'CN',
  name: 'China',
  values: {
    consent_required: [
      dated('2020-08-31', { channels: PHONE, purposes: ['marketing', 'survey'], grade: 'express' },
        'MIIT, draft measures on SMS and voice call services, 2020: silence is refusal', 'secondary'),
    ],
    cooldown: [
      dated('2020-08-31', { after: 'refused', period: null },
        'MIIT, draft measures on SMS and voice call services, 2020: stop after refusal', 'secondary'),
    ],
    call_window: [
      dated('2020-08-31', hours({ daily: '8:00-21:00' }), 'practice of the carriers', 'secondary'),
    ],
    attempt_cap: [
      dated('2020-08-31', { count: 3, window: 'PT168H', scope: 'number' }, 'practice of the carriers', 'secondary'),
    ],
    optout_latency: [
      dated('2020-08-31', { period: 'PT48H', businessDays: false }, 'practice of the carriers', 'secondary'),
    ],
    evidence_retention: [
      dated('2020-08-31', { period: 'P5M', protects: ['consent', 'use'] }, 'MIIT, draft measures on SMS and voice call services, 2020', 'secondary'),
      dated('2021-11-01', { period: 'P3Y' }, 'PIPL art. 56', 'unconfirmed'),
    ],
    audit_frequency: [
      dated('2025-05-01', { period: 'P2Y', above: 10_000_000 },
        'Measures for personal information protection compliance audits, 2025', 'secondary'),
    ],
  },
};
