import type { Policy } from '../policy.ts';
import { dated } from './value.ts';

export const california: Policy = {
  jurisdiction: 'US-CA',
  name: 'California',
  values: {
    subject_request_deadline: [
      dated('2020-08-14', { kind: 'acknowledge', period: 'P10D', businessDays: true }, '11 CCR 7021(a)', 'secondary'),
      dated('2020-08-14', { kind: 'answer', period: 'P45D' }, 'Cal. Civ. Code 1798.130(a)(2); 11 CCR 7021(b)', 'secondary'),
      dated('2020-08-14', { kind: 'extension', period: 'P45D' }, 'Cal. Civ. Code 1798.130(a)(2); 11 CCR 7021(b)', 'secondary'),
      dated('2020-08-14', { kind: 'opt_out', period: 'P15D', businessDays: true }, '11 CCR 7026(f)', 'secondary'),
    ],
  },
};
