import { sql } from 'kysely';
import { connect, type Db } from '../db/connection.ts';
import { BEFORE_ALL, disposalDue, findDue, type DuePlace } from '../db/retention-sweep.ts';
import type { Comparison, Race } from './harness.ts';
import { openImportStore, SOURCE } from './import-store.ts';

const LEADS = 500_000;
/** As many as the sweep takes at a time. */
const TOGETHER = 5_000;
const DUE_BEFORE = new Date('2026-06-01T00:00:00Z');

/**
 * The walk of the sweep over everything that is due, page by page, against one statement that reads the same rows in any order.
 */
export const p11Due = {
  id: 'P11D',
  title: `${LEADS} leads that are due, found in pages of ${TOGETHER}, against one unordered read of the same rows`,
  ratio: 'speed',
  target: { atLeast: 0.5 },
  prepare,
} satisfies Comparison;

async function prepare(): Promise<Race> {
  const store = await openImportStore();
  const db = connect(await store.freshDatabase(), { max: 2, statementTimeout: 0 });
  await fill(db);
  let [found, seconds] = [0, Infinity];
  return {
    async subject() {
      const start = performance.now();
      found = await walk(db);
      seconds = Math.min(seconds, (performance.now() - start) / 1_000);
    },
    async yardstick() {
      await sql`select retain_until, id from lead where disposed_at is null and not held and retain_until < ${DUE_BEFORE}`.execute(db);
    },
    checks: () => [
      { name: 'found', value: found, target: { atLeast: LEADS } },
      { name: 'found a second, at best', value: found / seconds, unit: '/s', target: { atLeast: 500_000 } },
    ],
    async close() {
      await db.destroy();
      await store.close();
    },
  };
}

async function walk(db: Db): Promise<number> {
  let found = 0;
  for (let after: DuePlace | null = BEFORE_ALL; after;) {
    const page = await findDue(db, disposalDue(after, DUE_BEFORE, TOGETHER));
    found += page.free.length;
    after = page.last;
  }
  return found;
}

/** Leads of one year, all due on some moment of it, in an order that has nothing to do with their ids. */
async function fill(db: Db): Promise<void> {
  await sql`
    insert into lead (id, token, jurisdictions, stage_since, source_id, created_at, retain_until)
    select gen_random_uuid(), nth, '{US}', now(), ${SOURCE.id}, now(), timestamptz '2026-01-01Z' + nth::bigint * 7919 % 12960000 * interval '1 second'
    from generate_series(1, ${LEADS}) as nth`.execute(db);
  await sql`vacuum analyze lead`.execute(db);
}
