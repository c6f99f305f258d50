import type { Policy } from '../policy.ts';

export const china: Policy = {
  jurisdiction: 'CN',
  name: 'China',
  values: {
    evidence_retention: [
      { from: '2020-08-31', value: { period: 'P5M' }, source: 'MIIT, draft measures on SMS and voice call services, 2020', verifiedAt: '2026-11-22', confidence: 'secondary' },
    ],
  },
};
