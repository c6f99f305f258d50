import type { Policy } from '../policy.ts';

export const unitedStates: Policy = {
  jurisdiction: 'US',
  name: 'United States, federal',
  values: {
    evidence_retention: [
      { from: '2024-10-15', value: { period: 'P5Y' }, source: '16 CFR 310.5(a); 89 FR 26760', verifiedAt: '2026-11-22', confidence: 'primary' },
      { from: '1995-12-31', to: '2024-10-15', value: { period: 'P2Y' }, source: '16 CFR 310.5(a) before 89 FR 26760', verifiedAt: '2026-11-22', confidence: 'secondary' },
    ],
  },
};
