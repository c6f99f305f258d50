import { describe, expect, it } from '@jest/globals';
import { honourBy } from '../../domain/opt-out-deadline.ts';
import { policiesFor } from '../../domain/policies/book.ts';

describe('an opt-out has to be honoured', () => {
  it.each([
    ['in the US within ten business days', ['US'], '2026-03-02T15:00:00Z', '2026-03-16T15:00:00.000Z'],
    ['in the US from a Friday on', ['US'], '2026-03-06T15:00:00Z', '2026-03-20T15:00:00.000Z'],
    ['in Canada within 14 days', ['CA'], '2026-03-02T15:00:00Z', '2026-03-16T15:00:00.000Z'],
    ['in China within 48 hours', ['CN'], '2026-03-02T15:00:00Z', '2026-03-04T15:00:00.000Z'],
    ['by the strictest of several laws', ['US', 'CN'], '2026-03-02T15:00:00Z', '2026-03-04T15:00:00.000Z'],
  ])('%s', (_, jurisdictions, received, deadline) => {
    expect(honourBy(new Date(received), policiesFor(jurisdictions))?.toISOString()).toBe(deadline);
  });

  it('by no date that is on file where no law says', () => {
    expect(honourBy(new Date('2026-03-02T15:00:00Z'), policiesFor(['DE']))).toBeNull();
    expect(honourBy(new Date('2024-03-02T15:00:00Z'), policiesFor(['US']))).toBeNull();
  });
});
