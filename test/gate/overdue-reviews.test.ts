import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../db/ids.ts';
import { plus } from '../../domain/civil-time.ts';
import { reviewLead } from '../../gate/lead-review.ts';
import { reviewOverdueLeads } from '../../gate/overdue-reviews.ts';
import { createHouse, type House } from '../setup/house.ts';

const NOW = new Date();
const IN_A_MONTH = plus(NOW, 'P31D');

let house: House;
let leadId: string;
beforeAll(async () => {
  house = await createHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  await house.db.updateTable('lead').set({ next_review_at: null }).execute();
  ({ leadId } = await house.acquire());
  await reviewLead(house.db, leadId, () => NOW);
  await house.db.deleteFrom('outbox').execute();
});

const sweep = (at = IN_A_MONTH) => reviewOverdueLeads(house.db, at, () => at, 100);
const told = () => house.db.selectFrom('outbox').select(['subject', 'signal']).where('workflow', '=', 'lead').execute();
const onRecord = () => house.db.selectFrom('lead').selectAll().where('id', '=', leadId).executeTakeFirstOrThrow();

async function optOut(): Promise<void> {
  const { token } = await onRecord();
  const suppression = { id: newId(), kind: 'opt_out', channel: 'all', reported_at: NOW, received_at: NOW } as const;
  await house.db.insertInto('suppression').values({ ...suppression, token: token! }).execute();
}

describe('a lead whose review is overdue', () => {
  it('is reviewed, and its workflow left in peace when that came to nothing new', async () => {
    expect(await sweep()).toEqual({ reviewed: 1, told: 0 });
    expect(await told()).toEqual([]);
    const { next_review_at: next } = await onRecord();
    expect(next?.getTime()).toBeGreaterThan(IN_A_MONTH.getTime());
    expect(await sweep()).toEqual({ reviewed: 0, told: 0 });
  });

  it.each<[string, () => Promise<unknown>, Date]>([
    ['it means something else by now', optOut, IN_A_MONTH],
    ['something is to be done about its end', () => Promise.resolve(), plus(NOW, 'P7M')],
    ['it should have woken by itself', () => house.db.updateTable('lead').set({ next_review_at: plus(NOW, 'P3D') }).where('id', '=', leadId).execute(), plus(NOW, 'P4D')],
    ['it was put down otherwise, as by an earlier version', () => house.db.updateTable('lead').set({ retain_until: NOW }).where('id', '=', leadId).execute(), IN_A_MONTH],
  ])('is left word of when %s', async (_, happens, at) => {
    await happens();
    expect(await sweep(at)).toEqual({ reviewed: 1, told: 1 });
    expect(await told()).toEqual([{ subject: leadId, signal: 'reviewOverdue' }]);
  });

  it('is left alone while word waits for it, and before its time', async () => {
    expect(await sweep(NOW)).toEqual({ reviewed: 0, told: 0 });
    await house.db.insertInto('outbox').values({ subject: leadId, workflow: 'lead', signal: 'outcomeRecorded', fact_id: newId(), lane: 0, due_at: NOW }).execute();
    expect(await sweep()).toEqual({ reviewed: 0, told: 0 });
  });

  it('keeps nobody else from being reviewed when its own review fails, and its workflow is told instead', async () => {
    const { leadId: other } = await house.acquire();
    await reviewLead(house.db, other, () => NOW);
    await house.db.deleteFrom('outbox').execute();
    await house.db.updateTable('lead').set({ zones: ['Nowhere/Land'] }).where('id', '=', leadId).execute();
    expect(await sweep()).toEqual({ reviewed: 2, told: 1 });
    expect(await told()).toEqual([{ subject: leadId, signal: 'reviewOverdue' }]);
  });
});
