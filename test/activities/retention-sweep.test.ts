import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
import { createRetentionSweepActivities } from '../../activities/retention-sweep.ts';
import { deliverLane } from '../../db/outbox.ts';
import type { SweepPart, SweepPlace } from '../../domain/sweep-card.ts';
import { reviewOverdueLeads } from '../../gate/overdue-reviews.ts';
import { SOURCE, createHouse, type House } from '../setup/house.ts';

const NOW = new Date('2028-05-01T12:00:00Z');
const DUE = 30_000;
/** What may wait in the bulk lane, and what one batch adds to it. */
const MOST_WAITING = 20_000;
const BATCH = 5_000;

let house: House;
beforeAll(async () => {
  house = await createHouse();
  // All of them were due within one day, and whoever should have seen to that was away for two.
  await sql`insert into lead (id, token, jurisdictions, stage_since, source_id, created_at, retain_until, next_review_at)
    select gen_random_uuid(), n, array['US'], now(), ${SOURCE.id}, now(), due, due
    from (select n, ${NOW}::timestamptz - interval '3 days' + n * interval '1 second' as due from generate_series(1, ${DUE}::int) n) missed`.execute(house.db);
  await sql`analyze lead`.execute(house.db);
});
afterAll(() => house.close());
beforeEach(() => sql`truncate outbox`.execute(house.db));

const sweep = (place: SweepPlace): Promise<SweepPart> => {
  const activities = createRetentionSweepActivities({ db: house.db, now: () => NOW });
  return new MockActivityEnvironment().run((from) => activities.sweepRetention(from), place);
};
const waiting = async () => Number((await sql<{ count: bigint }>`select count(*) from outbox where lane = 1`.execute(house.db)).rows[0]?.count);

describe('tens of thousands of leads that were missed', () => {
  it('are told as fast as word goes out, the longest due first and nobody twice', async () => {
    const told: string[] = [];
    let place: SweepPlace | null = { phase: 'dispose', after: null };
    let turns = 0;
    while (place) {
      const part: SweepPart = await sweep(place);
      place = part.place;
      turns += 1;
      expect(await waiting()).toBeLessThanOrEqual(MOST_WAITING + BATCH);
      expect(part.isCrowded).toBe((await waiting()) >= MOST_WAITING);
      // While nothing goes out, a sweep that is run again adds nothing.
      if (place) expect(await sweep(place)).toMatchObject({ place, poked: 0, isCrowded: true });
      const { rows } = await sql<{ subject: string }>`with gone as (delete from outbox returning id, subject) select subject from gone order by id`.execute(house.db);
      told.push(...rows.map(({ subject }) => subject));
    }
    const { rows: due } = await sql<{ id: string }>`select id from lead order by retain_until, id`.execute(house.db);
    expect(told).toEqual(due.map(({ id }) => id));
    expect(turns).toBeGreaterThanOrEqual(DUE / (MOST_WAITING + BATCH));
  });

  it('go out to their workflows a few at a time', async () => {
    await sweep({ phase: 'dispose', after: null });
    const subjects: string[] = [];
    const delivered = await deliverLane(house.db, 1, 20, NOW, ({ subject }) => {
      subjects.push(subject);
      return Promise.resolve({ delivered: true });
    });
    expect([delivered, new Set(subjects).size]).toEqual([20, 20]);
  });
});

describe('the reconciliation', () => {
  it('looks at so many leads in one turn, the longest overdue first', async () => {
    expect(await reviewOverdueLeads(house.db, NOW, () => NOW, 50)).toMatchObject({ reviewed: 50 });
    const { rows } = await sql<{ nth: bigint }>`select max(lead.token) as nth from outbox join lead on lead.id = outbox.subject`.execute(house.db);
    expect(rows[0]?.nth).toBe(50n);
  });
});
