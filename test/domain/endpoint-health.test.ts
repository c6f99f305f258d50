import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { afterFailure, HEALTHY, nextAttemptAt, type EndpointHealth, type FailedAttempt } from '../../domain/endpoint-health.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const HOUR_MS = 3_600_000;
const REFUSED: FailedAttempt = { isDelivered: false, failure: 'refused', status: 500, retryAfterMs: null };
const SILENT: FailedAttempt = { isDelivered: false, failure: 'timed_out', status: null, retryAfterMs: null };
const inMs = (at: Date | null) => (at === null ? null : at.getTime() - NOW.getTime());

describe('the next attempt', () => {
  it('is later each time, by up to a fifth by chance, and never after three and a half days', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), (chance) => {
      let waited = 0;
      for (let failed = 1; ; failed += 1) {
        const waitBy = (drawn: number) => inMs(nextAttemptAt(failed, REFUSED, NOW, () => drawn));
        const [least, wait] = [waitBy(0), waitBy(chance)];
        if (least === null || wait === null) break;
        expect(wait).toBeGreaterThanOrEqual(least);
        expect(wait).toBeLessThanOrEqual(Math.ceil(least * 1.2));
        waited += wait;
      }
      expect(waited).toBeGreaterThan(2.9 * 24 * HOUR_MS);
      expect(waited).toBeLessThan(3.6 * 24 * HOUR_MS);
    }));
  });

  it('is no sooner than the server asks, up to half a day', () => {
    expect(inMs(nextAttemptAt(1, { ...REFUSED, retryAfterMs: 60_000 }, NOW, () => 0))).toBe(60_000);
    expect(inMs(nextAttemptAt(6, { ...REFUSED, retryAfterMs: 60_000 }, NOW, () => 0))).toBe(3 * HOUR_MS);
    expect(inMs(nextAttemptAt(1, { ...REFUSED, retryAfterMs: 99 * HOUR_MS }, NOW, () => 0))).toBe(12 * HOUR_MS);
  });
});

describe('an endpoint', () => {
  const after = (health: EndpointHealth, failed: number, attempt: FailedAttempt, at = NOW) =>
    afterFailure(health, failed, attempt, at, () => 0);

  it('fails from the third failure on, and is then left alone longer and longer', () => {
    let health = after(after(HEALTHY, 1, SILENT), 1, SILENT);
    expect(health).toMatchObject({ failures: 2, failingSince: null, waitUntil: null });
    const waits: number[] = [];
    let at = NOW;
    for (let nth = 0; nth < 8; nth += 1) {
      health = after(health, 1, SILENT, at);
      waits.push((health.waitUntil!.getTime() - at.getTime()) / 1_000);
      at = health.waitUntil!;
    }
    expect(waits).toEqual([5, 30, 120, 600, 1_800, 3_600, 3_600, 3_600]);
    expect(health.failingSince).toEqual(NOW);
  });

  it('is not blamed for one event that it refuses again and again', () => {
    let health = HEALTHY;
    for (let failed = 1; failed <= 12; failed += 1) health = after(health, failed, REFUSED);
    expect(health).toMatchObject({ failures: 1, failingSince: null });
    for (let nth = 0; nth < 2; nth += 1) health = after(health, 1, REFUSED);
    expect(health.failingSince).toEqual(NOW);
  });

  it('is not left alone longer because of requests that were under way', () => {
    let health = HEALTHY;
    for (let nth = 0; nth < 3; nth += 1) health = after(health, 1, SILENT);
    expect(after(health, 1, SILENT)).toEqual(health);
  });

  it('that asks to be left alone is, though it does not fail', () => {
    const health = after(HEALTHY, 1, { ...REFUSED, failure: 'busy', status: 429, retryAfterMs: 90_000 });
    expect([health.failingSince, inMs(health.waitUntil)]).toEqual([null, 90_000]);
  });
});
