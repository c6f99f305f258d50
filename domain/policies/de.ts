import { CHANNELS } from '../consent.ts';
import type { Policy } from '../policy.ts';
import { dated } from './value.ts';

export const germany: Policy = {
  jurisdiction: 'DE',
  name: 'Germany',
  values: {
    consent_required: [
      dated('2009-08-04', { channels: CHANNELS, purposes: ['marketing', 'survey'], grade: 'express' }, 'UWG § 7(2)', 'primary'),
    ],
    evidence_retention: [
      dated('2021-10-01', { period: 'P5Y', protects: ['consent', 'use'] }, 'UWG § 7a(2)', 'primary'),
    ],
  },
};
