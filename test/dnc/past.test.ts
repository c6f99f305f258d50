import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPipelinePool, type PipelinePool } from '../../db/pipeline.ts';
import { leadTimeline } from '../../db/timeline.ts';
import { leavesAt } from '../../dnc/past-leaves.ts';
import { Gate } from '../../gate/gate.ts';
import { ListTree } from '../../proof/merkle-tree.ts';
import { acquisition } from '../setup/house.ts';
import { createRegistry, type Registry } from './registry.ts';

let registry: Registry;
let pool: PipelinePool;
let gate: Gate;
beforeAll(async () => {
  registry = await createRegistry();
  pool = createPipelinePool(registry.url, { max: 2 });
  gate = new Gate({ pool, db: registry.db, vault: registry.vault, now: () => new Date() });
});
afterAll(async () => {
  await pool.end();
  await registry.close();
});

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);
const range = (first: number, count: number) => Array.from({ length: count }, (_, nth) => first + nth);

const reasons = async (phone: string, at: Date) => {
  const { reasons: found, checked } = await gate.preview({ person: { phone }, question: { channel: 'call', purpose: 'marketing' }, at });
  return { listed: found.some(({ code }) => code === 'dnc_listed'), releases: checked.lists.map(({ releaseId }) => releaseId) };
};

describe('a preview of a past moment', () => {
  it('judges by the release of then, whenever the lead came in', async () => {
    await registry.addList('us-federal');
    const others = range(12125551000, 100);
    const one = await registry.release('us-federal', others, { asOf: daysAgo(9) });
    const two = await registry.release('us-federal', [12125550001, ...others], { asOf: daysAgo(6) });
    const three = await registry.release('us-federal', others, { asOf: daysAgo(3) });
    await registry.acquire({ phone: '+12125550001', acquiredAt: daysAgo(20) });
    expect(await reasons('+12125550001', daysAgo(7))).toEqual({ listed: false, releases: [one.id] });
    expect(await reasons('+12125550001', daysAgo(5))).toEqual({ listed: true, releases: [two.id] });
    expect(await reasons('+12125550001', daysAgo(1))).toEqual({ listed: false, releases: [three.id] });
    expect((await reasons('+12125550001', daysAgo(15))).releases).toEqual([three.id]);
  });

  it('judges by the release in force where the list had none yet, as if it had been there already', async () => {
    for (const [list, jurisdiction, effect, phone] of [
      ['ca-dncl', 'CA', 'block_unless_consent', '+14165550001'],
      ['it-rpo', 'IT', 'annul_consent', '+390612345001'],
    ] as const) {
      await registry.addList(list, { jurisdiction, effect });
      await registry.release(list, [Number(phone.slice(1))], { asOf: daysAgo(2) });
      await registry.acquire(acquisition({ phone, country: jurisdiction, acquiredAt: daysAgo(20) }));
      const found = await Promise.all([daysAgo(9), daysAgo(1)].map((at) => reasons(phone, at)));
      expect([list, found.map(({ listed }) => listed)]).toEqual([list, [true, true]]);
    }
  });

  it('counts the grace of Singapore from the first release that shows the number', async () => {
    await registry.addList('sg-voice', { jurisdiction: 'SG', effect: 'block_unless_consent' });
    await registry.release('sg-voice', [6561234567], { asOf: daysAgo(30) });
    await registry.release('sg-voice', [6561234567, ...range(6561230000, 50)], { asOf: daysAgo(1) });
    await registry.acquire(acquisition({ phone: '+6561234567', country: 'SG', acquiredAt: daysAgo(60) }));
    await registry.acquire(acquisition({ phone: '+6561230001', country: 'SG', acquiredAt: daysAgo(60) }));
    expect((await reasons('+6561234567', new Date())).listed).toBe(true);
    expect((await reasons('+6561234567', daysAgo(15))).listed).toBe(false);
    expect((await reasons('+6561230001', new Date())).listed).toBe(false);
  });
});

describe('the root of every release', () => {
  it('is that of the blocks as they were then, also when a block was emptied and filled again', async () => {
    await registry.addList('rooted');
    const others = range(12135550000, 200);
    const files = [
      [12145550000, ...others], others, [12145550001, ...others], [12145550001, 12155550000, ...others.slice(1)],
    ];
    for (const [nth, numbers] of files.entries()) {
      const { number, root } = await registry.release('rooted', numbers, { asOf: daysAgo(9 - nth) });
      expect([nth, new ListTree(await leavesAt(registry.db, 'rooted', number ?? 0)).root]).toEqual([nth, root]);
    }
    const releases = await registry.db.selectFrom('dnc_release').select(['number', 'root']).where('list_id', '=', 'rooted').execute();
    for (const { number, root } of releases) {
      expect(new ListTree(await leavesAt(registry.db, 'rooted', number ?? 0)).root).toBe(root);
    }
  });
});

describe('the timeline of a lead', () => {
  it('tells of the lists that it came on and off', async () => {
    await registry.addList('told');
    const { leadId } = await registry.acquire({ phone: '+12165550000', acquiredAt: daysAgo(20) });
    const others = range(12165551000, 100);
    const on = await registry.release('told', [12165550000, ...others], { asOf: daysAgo(9) });
    const off = await registry.release('told', others, { asOf: daysAgo(8) });
    const entries = (await leadTimeline(registry.db, leadId, null, 10)).filter(({ type }) => type.startsWith('dnc'));
    expect(entries).toEqual([
      { at: on.asOf, type: 'dnc_listed', id: on.id, words: ['told', on.id] },
      { at: off.asOf, type: 'dnc_freed', id: off.id, words: ['told', off.id] },
    ]);
  });
});
