import { describe, expect, it } from '@jest/globals';
import type { LeadReview } from '../../domain/lead-card.ts';
import { BroughtWord } from '../../workflows/brought-word.ts';

const review = (stage: string, changes: Partial<LeadReview> = {}): LeadReview => ({
  stage, consentState: 'none', dncState: 'clear', reviewAt: null, archiveDueAt: null, retainUntil: null, consentUntil: null, why: [],
  reviewInMs: 1_000, ...changes,
});
const brought = (ago: number, stage = 'active', changes: Partial<LeadReview> = {}) =>
  ({ review: review(stage, changes), madeAt: Date.now() - ago });

describe('a review that was brought along', () => {
  it.each<[string, (word: BroughtWord) => void, string | undefined]>([
    ['nothing was brought', () => undefined, undefined],
    ['it is fresh', (word) => word.hear(brought(10)), 'active'],
    ['there are two, and it is the later one', (word) => { word.hear(brought(10, 'suppressed')); word.hear(brought(20)); }, 'suppressed'],
    ['something happened without one', (word) => { word.hear(brought(10)); word.hear(undefined); }, undefined],
    ['it waited for a worker', (word) => word.hear(brought(61_000)), undefined],
    ['it was made before the last look', (word) => { word.looked(); word.hear(brought(5_000)); }, undefined],
    ['the end of the lead is to be seen to', (word) => word.hear(brought(10, 'active', { action: 'archive' })), undefined],
  ])('stands for a look, or does not: %s', (_, happens, stage) => {
    const word = new BroughtWord();
    happens(word);
    expect(word.take()?.stage).toBe(stage);
  });

  it('is used once', () => {
    const word = new BroughtWord();
    word.hear(brought(10));
    word.take();
    expect(word.take()).toBeUndefined();
  });
});
