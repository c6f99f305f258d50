import type { Policy } from '../policy.ts';

export const germany: Policy = {
  jurisdiction: 'DE',
  name: 'Germany',
  values: {
    evidence_retention: [
      { from: '2021-10-01', value: { period: 'P5Y' }, source: 'UWG § 7a(2)', verifiedAt: '2026-11-22', confidence: 'primary' },
    ],
  },
};
