import { describe, expect, it } from '@jest/globals';
import { importCard } from '../../domain/import-card.ts';
import { leadCard, type ReviewSummary } from '../../domain/lead-card.ts';

const summary: ReviewSummary = {
  stage: 'active',
  consentState: 'granted',
  dncState: 'unchecked',
  reviewAt: '2026-12-22T02:27:09.168Z',
  archiveDueAt: '2027-11-22T03:21:53.968Z',
  retainUntil: '2031-11-22T03:21:53.968Z',
  consentUntil: '2027-01-01T00:00:00.000Z',
  why: ['Acquired on 2026-11-21 from spring-fair.'],
};

describe('what an operator reads on opening a lead', () => {
  it('is what it is, why, and what happens next, soonest first', () => {
    expect(leadCard(summary, '2026-12-01T10:00:00.000Z')).toBe(
      [
        '### active',
        'May be asked about. Whether it may be contacted right now is for a clearance to say.',
        'Consent: **granted** · do-not-call lists: **unchecked**',
        '#### Why\n- Acquired on 2026-11-21 from spring-fair.',
        '#### What happens next\n'
          + '- **2026-12-01 10:00 UTC** the lead is reviewed again (at once when something happens)\n'
          + '- **2027-01-01 00:00 UTC** the last consent lapses\n'
          + '- **2027-11-22 03:21 UTC** the personal data is due to leave the hot tables, if nothing happens until then\n'
          + '- **2031-11-22 03:21 UTC** the last reason to keep the lead ends, and its personal data is due to be destroyed',
      ].join('\n\n'),
    );
  });

  it('names what stands against a call, the quiet time and when it may be asked for', () => {
    const card = leadCard({
      ...summary, blockers: ['cooldown', 'list_stale', 'a_later_code'], cooldownUntil: '2026-11-29T11:55:00.000Z', contactableFrom: null,
    }, null);
    expect(card).toContain(
      '#### What stands against a marketing call\n'
        + '- quiet time after an earlier contact\n'
        + '- a do-not-call list that has to be asked is too old\n'
        + '- a_later_code',
    );
    expect(card).toContain('- **2026-11-29 11:55 UTC** the quiet time after the last contact ends');
    expect(card).not.toContain('may be asked for,');
    const free = leadCard({ ...summary, blockers: [], cooldownUntil: null, contactableFrom: '2026-11-24T13:00:00.000Z' }, null);
    expect(free).toContain('- Nothing but the hour.');
    expect(free).toContain('- **2026-11-24 13:00 UTC** a marketing call may be asked for, as things stand');
  });

  it('names an order not to dispose of it where that is all that keeps it', () => {
    const waits = '**Waits for:** hold. It goes on by itself when the last order not to dispose of it is over.';
    expect(leadCard({ ...summary, hold: 'keeps' }, null)).toContain(waits);
    expect(leadCard(summary, null, { waitsFor: ['hold'] })).toContain(waits);
    expect(leadCard({ ...summary, hold: 'stands' }, null)).not.toContain('Waits for');
    expect(leadCard(summary, null, { waitsFor: ['crm'] })).toContain('**Waits for:** crm. It is tried again by itself.');
  });

  it('leaves out an archival that would come after the end', () => {
    expect(leadCard({ ...summary, retainUntil: '2027-05-22T00:00:00.000Z' }, null)).not.toContain('hot tables');
  });

  it('leaves out one that would come at the very moment of the end, and says when there is an archival but no end', () => {
    expect(leadCard({ ...summary, retainUntil: summary.archiveDueAt }, null)).not.toContain('hot tables');
    expect(leadCard({ ...summary, retainUntil: null }, null)).toContain('- **2027-11-22 03:21 UTC** the personal data is due to leave the hot tables');
    expect(leadCard({ ...summary, archiveDueAt: null }, null)).not.toContain('hot tables');
  });

  it('is in the order of time, whatever comes first', () => {
    const [first, second] = leadCard({ ...summary, consentUntil: '2026-11-30T00:00:00.000Z' }, '2026-12-01T10:00:00.000Z').split('\n').filter((line) => line.includes('UTC'));
    expect([first, second]).toEqual([
      '- **2026-11-30 00:00 UTC** the last consent lapses', '- **2026-12-01 10:00 UTC** the lead is reviewed again (at once when something happens)',
    ]);
  });

  it('has no words of its own for a stage of a later version', () => {
    expect(leadCard({ ...summary, stage: 'resting' }, null).split('\n\n').slice(0, 3)).toEqual(['### resting', '', 'Consent: **granted** · do-not-call lists: **unchecked**']);
  });

  it('says so when nothing more will happen', () => {
    const gone = { ...summary, stage: 'disposed', consentUntil: null, archiveDueAt: null, retainUntil: null };
    expect(leadCard(gone, null)).toContain('- Nothing more.');
    expect(leadCard({ ...gone, certificateId: '0198' }, null)).toContain('GET /v1/disposals/0198/certificate');
  });
});

describe('what an operator reads on opening an import', () => {
  const progress = { records: 500, total: 2000, rowsPerSecond: 1234.6, remainingSeconds: 3 };

  it('is how far it has come, how fast it is and how long it takes', () => {
    expect(importCard('running', progress)).toBe('### running\n\n**500** of 2000 (25 %) records, 1235 a second\n\nAbout 3 s to go');
  });

  it('leaves out what nobody knows yet, or needs any more', () => {
    expect(importCard('running', { ...progress, total: null, remainingSeconds: null })).toBe('### running\n\n**500** records, 1235 a second');
    expect(importCard('done', { ...progress, records: 2000 })).toBe('### done\n\n**2000** of 2000 (100 %) records, 1235 a second');
    expect(importCard('stopping', { ...progress, records: 1999 })).toBe('### stopping\n\n**1999** of 2000 (99 %) records, 1235 a second');
    expect(importCard('waiting', null)).toBe('### waiting');
  });

  it('is why it failed', () => {
    expect(importCard('failed', null, 'The file is not text.')).toBe('### failed\n\nThe file is not text.');
  });
});
