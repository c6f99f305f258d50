import type { Policy } from '../policy.ts';
import { dated } from './value.ts';

export const italy: Policy = {
  jurisdiction: 'IT',
  name: 'Italy',
  values: {
    list_freshness: [
      dated('2022-07-27', { list: 'it-rpo', maxAge: 'P15D', channels: ['call'], requiredFor: 'everyone' },
        'D.P.R. 26/2022: before each campaign, at most 15 days', 'secondary'),
    ],
    registry_effect: [
      dated('2022-07-27', { list: 'it-rpo', effect: 'annul_consent', channels: ['call'], grade: 'express' },
        'legge 5/2018 art. 1(5); D.P.R. 26/2022', 'secondary'),
    ],
  },
};
