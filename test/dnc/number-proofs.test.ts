import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Release } from '../../db/dnc-releases.ts';
import { proveNumber } from '../../dnc/number-proofs.ts';
import { checkNumber } from '../../proof/merkle-tree.ts';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import { createRegistry, type Registry } from './registry.ts';

let registry: Registry;
beforeAll(async () => void (registry = await createRegistry()));
afterAll(() => registry.close());

const DAY_MS = 86_400_000;
let lists = 0;

/** Numbers of few blocks, so that blocks come, go and come back. */
const number = fc.oneof(
  fc.integer({ min: 12_025_550_000, max: 12_025_550_004 }),
  fc.integer({ min: 12_025_560_000, max: 12_025_560_002 }),
  fc.constantFrom(12_125_550_000, 442_079_460_000),
);
const numbers = fc.uniqueArray(number, { minLength: 1, maxLength: 8 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('full' as const), op: fc.constant(null), numbers }),
  fc.record({ kind: fc.constant('change' as const), op: fc.constantFrom('add' as const, 'remove' as const), numbers }),
);
const ASKED = [
  12_025_550_000, 12_025_550_001, 12_025_550_004, 12_025_560_001, 12_125_550_000, 442_079_460_000, 12_025_570_000, 1_000_000_000,
  998_999_999_999,
];

describe('the proof of a number', () => {
  it('is, for every release that ever was in force, what a plain set of numbers says, whatever came after', async () => {
    let proved = 0;
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      const states = await playOut(steps);
      proved += states.length;
      for (const { release, listed } of states) {
        for (const asked of ASKED) {
          const path = await proveNumber(registry.db, release, asked);
          expect(checkNumber(release.root ?? '', asked, JSON.parse(JSON.stringify(path)))).toEqual({ listed: listed.has(asked) });
        }
      }
    }), { numRuns: 12 });
    expect(proved).toBeGreaterThan(24);
  });

  it('is not given from blocks that do not add up to the root', async () => {
    const [first] = await playOut([{ kind: 'full', op: null, numbers: [12_025_550_000, 12_125_550_000] }]);
    await registry.db.updateTable('dnc_block').set({ digest: Buffer.alloc(32) }).where('list_id', '=', first?.release.list ?? '').execute();
    await expect(proveNumber(registry.db, first!.release, 12_025_550_000)).rejects.toThrow('do not add up');
    await expect(proveNumber(registry.db, first!.release, 12_025_550_000)).rejects.toThrow('do not add up');
  });
});

interface Step {
  kind: 'full' | 'change';
  op: 'add' | 'remove' | null;
  numbers: readonly number[];
}

/** The releases that came into force, each with the numbers that the list then had. */
async function playOut(steps: readonly Step[]): Promise<{ release: Release; listed: ReadonlySet<number> }[]> {
  const list = `proved-${(lists += 1)}`;
  await registry.addList(list);
  const document = JSON.stringify({ ...DEFAULT_SETTINGS, lists: { required: [], maxDrop: 1 } });
  await registry.db.insertInto('settings').values({ version: lists, created_by: 'test', created_at: new Date(), document }).execute();
  const states: { release: Release; listed: ReadonlySet<number> }[] = [];
  let listed = new Set<number>();
  for (const [nth, { kind, op, numbers: given }] of [{ kind: 'full' as const, op: null, numbers: [12_025_550_000] }, ...steps].entries()) {
    const release = await registry.release(list, given, { kind, op, asOf: new Date(Date.now() - (20 - nth) * DAY_MS) });
    if (release.state !== 'in_force') continue;
    if (kind === 'full') listed = new Set(given);
    else listed = op === 'add' ? new Set([...listed, ...given]) : new Set([...listed].filter((number) => !given.includes(number)));
    states.push({ release, listed });
  }
  return states;
}
