import { describe, expect, it } from '@jest/globals';
import { releaseCard, type ReleaseReport } from '../../domain/release-card.ts';

const REPORT: ReleaseReport = {
  list: 'us-federal', listName: 'National Do Not Call Registry', kind: 'full', asOf: '2026-11-20T00:00:00.000Z', dryRun: false, state: 'in_force',
  lines: 1_000_001, refused: 1, numbers: 1_000_000, foreign: 3, added: 12, removed: 3, baseAsOf: '2026-11-19T00:00:00.000Z',
  leads: { checked: 15, hit: 4, freed: 1 }, problem: null, isUnusable: false,
};

describe('what a compliance officer reads on opening a release', () => {
  it('is what it is, what changed, who was affected and what happens next', () => {
    expect(releaseCard(REPORT, null)).toBe(
      [
        '### in_force',
        'Every answer since then is by this release.',
        '**us-federal** (National Do Not Call Registry), full release as of **2026-11-20 00:00 UTC**',
        '#### What was in the file\n- 1,000,001 lines\n- **1** of them could not be read',
        '#### What changed\n- compared with the release as of 2026-11-19 00:00 UTC\n'
          + '- **12** numbers came onto the list, **3** left it\n- 1,000,000 numbers in all, 3 of them of another country and without effect',
        '#### Who was affected\n- 15 changed numbers were looked up among the leads\n'
          + '- leads that are listed since: **4**; leads that are listed no more: **1**; nobody else was touched',
        '#### What happens next\n- The leads concerned are reviewed, one after the other; clearances know already',
      ].join('\n\n'),
    );
  });

  it('says how far it is while it is worked on', () => {
    const progress = { phase: 'reading', done: 500, total: 1_000, perSecond: 12_345_678, remainingSeconds: 3 };
    const card = releaseCard({ ...REPORT, state: 'parsing', lines: null, added: null, leads: null }, progress);
    expect(card).toContain('Reading the file (50 %), 12,345,678 bytes a second, about 3 s to go');
    expect(card).not.toContain('What changed');
    expect(releaseCard(REPORT, progress)).not.toContain('Reading the file');
  });

  it('says what a person has to decide, and that nothing has changed until then', () => {
    const card = releaseCard({ ...REPORT, state: 'awaiting_approval', leads: null }, null);
    expect(card).toContain('Nothing has changed yet.');
    expect(card).toContain('**3** would leave it');
    expect(card).toContain('approves or abandons');
  });

  it('says why it failed', () => {
    const problem = { code: 'too_many_refused', detail: 'Too much of it could not be read.' };
    expect(releaseCard({ ...REPORT, state: 'failed', leads: null, problem, isUnusable: true }, null)).toContain('too_many_refused: Too much');
  });

  it('says of a dry run that it never came into force', () => {
    const card = releaseCard({ ...REPORT, state: 'superseded', dryRun: true }, null);
    expect(card).toContain('### dry run: done');
    expect(card).toContain('It was tried out, and never came into force.');
    expect(card).toContain('#### What happens next\n- Nothing more');
  });

  it('is there before anything is known', () => {
    expect(releaseCard(null, null)).toBe('### receiving');
  });
});
