import { join } from 'node:path';
import { sql } from 'kysely';
import { connect } from '../db/connection.ts';
import { copyLeads } from './lead-rows.ts';
import type { Comparison, Figure, Race } from './harness.ts';
import { openImportStore } from './import-store.ts';
import { openListStore, type ListStore } from './list-store.ts';
import { fileOf, fullFile } from './release-file.ts';

/** `--full` takes the sizes that the target is stated for, and an hour. */
const FULL = process.argv.includes('--full');
const LEADS = FULL ? 10_000_000 : 2_000_000;
const CHANGED = LEADS / 10;
const LISTED = LEADS;
/** One changed number in so many is a lead's. */
const ONE_IN = 10;

/**
 * A change from the first byte of its file to every lead on it denied and told, against the tokens of the same numbers, sorted
 * and already in a table, joined with the leads by the best plan there is and written as rows.
 */
export const p5 = {
  id: 'P5',
  title: `change of ${CHANGED} numbers against ${LEADS} leads against the join in SQL`,
  ratio: 'time',
  target: { atMost: 1.5 },
  stretch: { atMost: 0.6 },
  prepare,
} satisfies Comparison;

/** Numbers that are on no list yet: the full file leaves a gap of two after each. */
function* changed(): Generator<number> {
  let nth = 0;
  for (const number of fullFile(LISTED).numbers()) {
    if (nth % (LISTED / CHANGED) === 0) yield number + 1;
    nth += 1;
  }
}

/** Leads: every tenth of the changed numbers, and numbers elsewhere. */
function* leadNumbers(): Generator<number> {
  let nth = 0;
  for (const number of changed()) if (nth++ % ONE_IN === 0) yield number;
  for (let other = 0; other < LEADS - CHANGED / ONE_IN; other += 1) yield 17_000_000_000 + other * 7;
}

async function prepare(): Promise<Race> {
  const store = await openImportStore();
  const url = await store.freshDatabase();
  const [full, change] = [join(store.folder, 'full.txt'), join(store.folder, 'change.txt')];
  await fullFile(LISTED).write(full);
  await fileOf(changed).write(change);
  const lists: ListStore = await openListStore(url, store.keyFolder, store.folder);
  await copyLeads(lists, leadNumbers());
  await lists.release(full, 'full');
  await sql`vacuum analyze lead`.execute(lists.db);
  const figures: Figure[] = [];
  await makeTokens(lists);
  let turn = 0;
  return {
    async subject() {
      turn += 1;
      const { leads, timings } = await lists.release(change, 'change', 'add');
      if (leads?.hit !== CHANGED / ONE_IN) throw new Error(`hit ${leads?.hit ?? 0} leads`);
      figures.splice(0, figures.length, { name: 'rows written less hits', value: await hitsOf(lists) - leads.hit, target: { atMost: 0 } });
      figures.push(...Object.entries(timings).map(([phase, value]) => ({ name: phase, value, unit: 'ms' })));
      figures.push({ name: 'longest lock', value: timings.lock ?? 0, unit: 'ms', target: { atMost: 200 } });
    },
    yardstick: () => joinInSql(url),
    async reset() {
      if (turn > 0 && await hitsOf(lists) > 0) await lists.release(change, 'change', 'remove');
      await sql`truncate outbox, dnc_hit, yardstick_hit`.execute(lists.db);
      await sql`checkpoint`.execute(lists.db);
    },
    checks: async () => figures,
    async close() {
      await lists.close();
      await store.close();
    },
  };
}

async function hitsOf({ db }: ListStore): Promise<number> {
  const { rows: [row] } = await sql<{ count: bigint }>`select count(*) from dnc_hit where freed_by is null`.execute(db);
  return Number(row?.count ?? 0n);
}

async function makeTokens({ db, vault }: ListStore): Promise<void> {
  await sql`create table flipped (token bigint not null)`.execute(db);
  await sql`create table yardstick_hit (lead_id uuid not null primary key)`.execute(db);
  const numbers = [...changed()];
  for (let start = 0; start < numbers.length; start += 50_000) {
    const tokens = vault.phoneTokens(numbers.slice(start, start + 50_000).map((number) => `+${number}`));
    await sql`insert into flipped select * from unnest(${`{${tokens.join(',')}}`}::bigint[])`.execute(db);
  }
  await sql`vacuum analyze flipped`.execute(db);
}

/** Sorted, by the index, written as rows with a key and a message each; the planner left alone takes up to four times as long. */
async function joinInSql(url: string): Promise<void> {
  const db = connect(url, { max: 1, statementTimeout: 0 });
  await db.transaction().execute(async (tx) => {
    await sql`select set_config(name, 'off', true) from unnest(array['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']) name`.execute(tx);
    await sql`
      with hit as (
        insert into yardstick_hit select lead.id
        from (select token from flipped order by token) sorted join lead on lead.token = sorted.token returning lead_id
      )
      insert into outbox (subject, workflow, signal, fact_id, lane, due_at) select lead_id, 'lead', 'listChanged', lead_id, 1, now() from hit
    `.execute(tx);
  });
  await db.destroy();
}
