import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TOKEN_BLOCK, Vault } from '../../db/vault.ts';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import { acquireLead } from '../../intake/acquire.ts';
import { readKeyFiles } from '../../keys/key-files.ts';
import { acquisition } from '../setup/house.ts';
import { createRegistry, work, type Registry } from './registry.ts';

/** A vault in which all numbers with the same last digits share a token: what 64 bits make unlikely. */
class CollidingVault extends Vault {
  digits = 5;

  override encryptNumbers(blocks: Uint8Array): Buffer {
    const alike = Buffer.from(blocks);
    for (let start = 0; start < alike.length; start += TOKEN_BLOCK) {
      const padding = alike.subarray(start, start + TOKEN_BLOCK).indexOf(0);
      alike.fill('0', start + 1, start + (padding < 0 ? TOKEN_BLOCK : padding) - this.digits);
    }
    return super.encryptNumbers(alike);
  }
}

const HOUR_MS = 3_600_000;
const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS);
const range = (first: number, count: number) => Array.from({ length: count }, (_, nth) => first + nth);

let registry: Registry;
let vault: CollidingVault;
let lists = 0;
beforeAll(async () => {
  registry = await createRegistry();
  vault = new CollidingVault(await readKeyFiles(registry.keyFolder));
  registry.deps.vault = vault;
  const document = JSON.stringify({ ...DEFAULT_SETTINGS, lists: { required: [], maxDrop: 1 } });
  await registry.db.insertInto('settings').values({ version: 1, created_at: new Date(), created_by: 'test', document }).execute();
});
beforeEach(() => void (vault.digits = 5));
afterAll(() => registry.close());

async function acquire(number: number): Promise<string> {
  const bring = registry.db.transaction().execute((tx) => acquireLead(tx, vault, acquisition({ phone: `+${number}` })));
  return (await bring).leadId;
}

async function newList(): Promise<string> {
  const list = `list-${++lists}`;
  await registry.addList(list);
  return list;
}

/** Takes the number of a lead out of the hot tables, as the archive does. */
async function sealAway(leadId: string): Promise<void> {
  await registry.db.deleteFrom('personal_data').where('lead_id', '=', leadId).execute();
  await registry.db.insertInto('archive_bundle').values({
    lead_id: leadId, object: leadId, sha256: Buffer.alloc(32), size_bytes: 1, records: 1, number_check: Buffer.alloc(16),
    stored_at: new Date(), verified_at: new Date(), hot_removed_at: new Date(), acquisitions: 1, grants: 0,
  }).execute();
}

describe('leads who share a token', () => {
  it('share it here', async () => {
    const [one, other] = [await acquire(12065550001), await acquire(12165550001)];
    const rows = await registry.db.selectFrom('lead').select(['token', 'collision']).where('id', 'in', [one, other]).execute();
    const tokens = new Set(rows.map(({ token }) => token));
    expect([tokens.size, rows.map(({ collision }) => collision).sort()]).toEqual([1, [0, 1]]);
  });

  it('are hit and freed by their own numbers, and none by that of another, whatever the releases bring', async () => {
    // Three numbers for every token; two of them are of leads, and of one token all three.
    const numbers = [1202555, 1212555, 1312555].flatMap((block) => [1, 2, 3, 4].map((last) => block * 10_000 + last));
    const ofLeads = numbers.filter((number) => number < 13_120_000_000 || number % 10 === 4);
    const leads = new Map<number, string>();
    for (const number of ofLeads) leads.set(number, await acquire(number));
    const theirs = (those: readonly number[]) => those.flatMap((number) => leads.get(number) ?? []).sort();
    const someFiles = fc.array(fc.subarray(numbers, { minLength: 1 }), { minLength: 1, maxLength: 4 });
    await fc.assert(fc.asyncProperty(someFiles, async (files) => {
      const list = await newList();
      let before: readonly number[] = [];
      for (const [nth, file] of files.entries()) {
        const { releaseId } = await registry.receive(list, file.map((number) => `+${number}\n`).join(''), { asOf: hoursAgo(99 - nth) });
        const release = await work(registry.deps, releaseId);
        const [added, removed] = [file.filter((each) => !before.includes(each)), before.filter((each) => !file.includes(each))];
        const checked = added.length + removed.length;
        expect(release.leads).toEqual({ checked, hit: theirs(added).length, freed: theirs(removed).length });
        expect(await registry.listed(list)).toEqual(theirs(file));
        before = file;
      }
    }), { numRuns: 8 });
  });

  it('are each hit once when so many numbers lie between theirs that they are found one after the other', async () => {
    vault.digits = 1;
    const [first, count] = [12_036_000_000, 540_000];
    const [one, last] = [first + 7, first + count - 3];
    const meant = [await acquire(one), await acquire(last)].sort();
    // Of every other last digit there are two leads too, whose numbers are not on the list: else few would be looked up at all.
    for (const digit of [0, 1, 2, 3, 4, 5, 6, 8, 9]) {
      await Promise.all([12_126, 12_136].map((area) => acquire(area * 1_000_000 + digit)));
    }
    const list = await newList();
    const full = range(first, count).map((number) => `+${number}`).join('\n');
    const { releaseId } = await registry.receive(list, full, { asOf: hoursAgo(8) });
    expect(await work(registry.deps, releaseId)).toMatchObject({ state: 'in_force', leads: { checked: count, hit: 2, freed: 0 } });
    expect(await registry.listed(list)).toEqual(meant);
  });

  it('are taken for listed while their number is in the archive, once, and not for freed', async () => {
    const [here, away] = [12_045_550_009, 12_145_550_009];
    const [leadId, archived] = [await acquire(here), await acquire(away)];
    await sealAway(archived);
    const list = await newList();
    const send = async (number: number, hours: number) => {
      const { releaseId } = await registry.receive(list, `+${number}\n`, { asOf: hoursAgo(hours) });
      return (await work(registry.deps, releaseId)).leads;
    };
    expect(await send(here, 9)).toMatchObject({ hit: 2, freed: 0 });
    expect(await send(12_045_550_000, 8)).toMatchObject({ hit: 0, freed: 1 });
    expect(await registry.listed(list)).toEqual([archived]);
    expect(await send(here, 7)).toMatchObject({ hit: 1, freed: 0 });
    expect(await registry.listed(list)).toEqual([leadId, archived].sort());
  });
});
