import { PURPOSES } from '../consent.ts';
import type { Policy } from '../policy.ts';
import { dated, hours } from './value.ts';

export const unitedStates: Policy = {
  jurisdiction: 'US',
  name: 'United States, federal',
  values: {
    list_freshness: [
      dated('2005-01-01', { list: 'us-federal', maxAge: 'P31D', channels: ['call', 'sms'], requiredFor: 'everyone' },
        '16 CFR 310.4(b)(3)(iv); 69 FR 16368', 'primary'),
    ],
    registry_effect: [
      dated('2003-10-17', { list: 'us-federal', effect: 'block_unless_consent', channels: ['call', 'sms'], grade: 'express_written' },
        '47 CFR 64.1200(c)(2); 16 CFR 310.4(b)(1)(iii)(B)', 'primary'),
    ],
    relationship_exemption: [
      dated('2003-10-17', { kind: 'purchase', period: 'P18M', instead: 'lists' }, '47 CFR 64.1200(f)(5); 16 CFR 310.2(q)(1)', 'primary'),
      dated('2003-10-17', { kind: 'inquiry', period: 'P3M', instead: 'lists' }, '47 CFR 64.1200(f)(5); 16 CFR 310.2(q)(2)', 'primary'),
    ],
    call_window: [
      dated('1992-12-20', hours({ daily: '8:00-21:00' }), '47 CFR 64.1200(c)(1); 16 CFR 310.4(c)', 'primary'),
    ],
    abandonment: [
      dated('2012-11-15', { atMost: 0.03, window: 'P30D', messageWithin: 'PT2S' }, '47 CFR 64.1200(a)(7)', 'secondary'),
    ],
    optout_latency: [
      dated('2025-04-11', { period: 'P10D', businessDays: true }, '47 CFR 64.1200(a)(10)', 'secondary'),
    ],
    optout_scope: [
      dated('2025-04-11', { reaches: 'as_said' }, '47 CFR 64.1200(a)(10), suspended in part; ABA Banking Journal 2026-01', 'secondary', '2027-01-31'),
      dated('2027-01-31', { reaches: 'everything' }, '47 CFR 64.1200(a)(10); ABA Banking Journal 2026-01', 'secondary'),
    ],
    consent_required: [
      dated('2013-10-16', { channels: ['call'], purposes: PURPOSES, grade: 'express_written', dialing: ['prerecorded', 'ai_voice'] },
        '47 CFR 64.1200(a)(2)-(3); FCC 24-17 on artificial voices', 'secondary'),
    ],
    reassigned_check: [
      dated('2021-11-01', { database: 'Reassigned Numbers Database', reportedOn: 15 },
        '47 CFR 64.1200(l)(2), (m); DA 21-134; no data gives no safe harbour', 'secondary'),
    ],
    porting_grace: [
      dated('2004-11-08', { lineType: 'mobile', period: 'P15D' },
        '47 CFR 64.1200(a)(1)(iv): not for numbers on a list', 'unconfirmed'),
    ],
    evidence_retention: [
      dated('1995-12-31', { period: 'P2Y' }, '16 CFR 310.5(a) before 89 FR 26760', 'secondary', '2024-10-15'),
      dated('2024-10-15', { period: 'P5Y' }, '16 CFR 310.5(a); 89 FR 26760', 'secondary'),
    ],
  },
};
