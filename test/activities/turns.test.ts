import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Turns } from '../../activities/turns.ts';

describe('turns', () => {
  it('let so many go on at once, in the order in which they came, whatever becomes of them', async () => {
    await fc.assert(fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }), fc.array(fc.record({ waits: fc.nat(3), fails: fc.boolean() }), { maxLength: 30 }),
      async (most, works) => {
        const turns = new Turns(most);
        const begun: number[] = [];
        let [underWay, mostAtOnce] = [0, 0];
        const results = await Promise.allSettled(works.map(({ waits, fails }, nth) => turns.take(async () => {
          begun.push(nth);
          underWay += 1;
          mostAtOnce = Math.max(mostAtOnce, underWay);
          for (let turn = 0; turn <= waits; turn += 1) await new Promise((resolve) => setImmediate(resolve));
          underWay -= 1;
          if (fails) throw new Error('it fails');
          return nth;
        })));
        expect(begun).toEqual(works.map((_, nth) => nth));
        expect(mostAtOnce).toBe(Math.min(most, works.length));
        expect(results.map(({ status }) => status)).toEqual(works.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')));
      },
    ));
  });
});
