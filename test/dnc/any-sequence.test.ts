import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Release } from '../../db/dnc-releases.ts';
import { currentlyListed, listedAsOf } from '../../dnc/look-up.ts';
import { createRegistry, type Registry } from './registry.ts';

let registry: Registry;
beforeAll(async () => void (registry = await createRegistry()));
afterAll(() => registry.close());

const HOUR_MS = 3_600_000;

/** Few numbers in few blocks of three area codes and another country, so that they meet again and again. */
const NUMBERS = [12025550000, 12025550001, 12025559999, 12125550000, 12125550001, 13125550000, 13125560000, 442079460000];
const someNumbers = fc.subarray(NUMBERS);
const step = fc.oneof(
  fc.record({ kind: fc.constant('full' as const), numbers: someNumbers }),
  fc.record({ kind: fc.constant('area' as const), numbers: someNumbers, areaCodes: fc.subarray([202, 212, 312], { minLength: 1 }) }),
  fc.record({ kind: fc.constant('change' as const), words: fc.array(fc.tuple(fc.constantFrom(...NUMBERS.slice(0, 7)), fc.boolean()), { maxLength: 8 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const areaCodeOf = (number: number) => (number > 2e10 ? 0 : Math.floor(number / 1e7) % 1000);

/** What a list of plain numbers would become. */
function applyTo(list: ReadonlySet<number>, one: Step): Set<number> {
  if (one.kind === 'full') return new Set(one.numbers);
  if (one.kind === 'area') {
    const kept = [...list].filter((number) => !one.areaCodes.includes(areaCodeOf(number)));
    return new Set([...kept, ...one.numbers.filter((number) => one.areaCodes.includes(areaCodeOf(number)))]);
  }
  const changed = new Set(list);
  for (const [number, adds] of one.words) if (adds) changed.add(number); else changed.delete(number);
  return changed;
}

let lists = 0;

async function send(list: string, one: Step, asOf: Date): Promise<Release> {
  if (one.kind === 'change') {
    const lines = one.words.map(([number, adds]) => `${String(number).slice(1, 4)},${String(number).slice(4)},${adds ? 'A' : 'D'}\n`);
    const { releaseId } = await registry.receive(list, lines.join(''), { kind: 'change', format: 'ftc_change_csv', asOf });
    return registry.work(releaseId);
  }
  const numbers = one.kind === 'area' ? one.numbers.filter((number) => one.areaCodes.includes(areaCodeOf(number))) : one.numbers;
  return registry.release(list, numbers, { asOf, areaCodes: one.kind === 'area' ? one.areaCodes : null });
}

describe('any sequence of releases', () => {
  it('equals a plain set at every past moment, and its leads are hit and freed by exactly what changed', async () => {
    await registry.db.insertInto('settings').values({
      version: 1, created_at: new Date(), created_by: 'test',
      document: JSON.stringify({ ...(await import('../../domain/settings.ts')).DEFAULT_SETTINGS, lists: { required: [], maxDrop: 1 } }),
    }).execute();
    const leads = new Map<number, string>();
    for (const number of NUMBERS.filter((_, nth) => nth % 2 === 0)) {
      leads.set(number, (await registry.acquire({ phone: `+${number}` })).leadId);
    }
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      const list = `list-${++lists}`;
      await registry.addList(list);
      const past: { at: Date; set: Set<number>; firsts: Map<number, Date> }[] = [];
      let set = new Set<number>();
      let firsts = new Map<number, Date>();
      for (const [nth, one] of [{ kind: 'full' as const, numbers: NUMBERS.slice(0, 1) }, ...steps].entries()) {
        const at = new Date(Date.now() - 500 * HOUR_MS + nth * HOUR_MS);
        const after = applyTo(set, one);
        const release = await send(list, one, at);
        if (one.kind !== 'change' && after.size === 0) {
          expect(release).toMatchObject({ state: 'failed', problem: { code: 'no_numbers' } });
          continue;
        }
        const added = [...after].filter((number) => !set.has(number));
        const removed = [...set].filter((number) => !after.has(number));
        expect(release).toMatchObject({
          state: 'in_force', numbers: after.size, added: added.length, removed: removed.length,
          leads: {
            checked: added.length + removed.length,
            hit: added.filter((number) => leads.has(number)).length,
            freed: removed.filter((number) => leads.has(number)).length,
          },
        });
        set = after;
        firsts = new Map([...after].map((number) => [number, firsts.get(number) ?? at]));
        past.push({ at, set, firsts });
        const expected = [...leads].flatMap(([number, leadId]) => (set.has(number) ? [leadId] : [])).sort();
        expect(await registry.listed(list)).toEqual(expected);
      }
      for (const moment of past) {
        const asOf = new Date(moment.at.getTime() + HOUR_MS / 2);
        const found = await listedAsOf(registry.db, NUMBERS, { list, asOf });
        const since = NUMBERS.map((number) => moment.firsts.get(number) ?? null);
        expect(found.map(([listing]) => listing?.since ?? null)).toEqual(since);
      }
      expect(await listedAsOf(registry.db, NUMBERS, { list, asOf: new Date(0) })).toEqual(NUMBERS.map(() => []));
      const now = await currentlyListed(registry.db, NUMBERS, [list]);
      expect(now.map(({ length }) => length === 1)).toEqual(NUMBERS.map((number) => set.has(number)));
    }), { numRuns: 12 });
  });
});
