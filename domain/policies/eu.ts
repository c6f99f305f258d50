import type { Policy } from '../policy.ts';
import { dated } from './value.ts';

export const europeanUnion: Policy = {
  jurisdiction: 'EU',
  name: 'European Union',
  values: {
    subject_request_deadline: [
      dated('2018-05-25', { kind: 'answer', period: 'P1M' }, 'GDPR art. 12(3), 15, 17, 20', 'secondary'),
      dated('2018-05-25', { kind: 'extension', period: 'P2M' }, 'GDPR art. 12(3)', 'secondary'),
    ],
  },
};
