import { sql } from 'kysely';
import type { Db } from './connection.ts';

/** Some leads by chance, and of how many they are. */
export interface LeadSample {
  ids: string[];
  /** All leads, those that have been disposed of included: exactly where all are in the sample, else estimated. */
  leads: number;
  isExact: boolean;
}

/** Rows are taken from so many times as many as are wanted, because they come page by page, and neighbours are alike. */
const SPREAD = 8;

/** All leads where there are no more than `size`, else about so many by chance, without reading the whole table. */
export async function sampleLeads(db: Db, size: number): Promise<LeadSample> {
  const { rows: all } = await sql<{ id: string }>`select id from lead order by id limit ${size + 1}`.execute(db);
  if (all.length <= size) return { ids: all.map(({ id }) => id), leads: all.length, isExact: true };
  const leads = Math.max(await estimatedLeads(db), size + 1);
  const share = Math.min(100, (100 * SPREAD * size) / leads);
  const { rows } = await sql<{ id: string }>`
    select id from lead tablesample system (${share}) order by random() limit ${size}`.execute(db);
  return { ids: rows.map(({ id }) => id), leads, isExact: false };
}

async function estimatedLeads(db: Db): Promise<number> {
  const { rows: [row] } = await sql<{ leads: number }>`
    select greatest(reltuples, 0)::float8 as leads from pg_class where oid = 'lead'::regclass`.execute(db);
  if (row && row.leads > 0) return Math.round(row.leads);
  // Nobody has looked yet, because the leads have just come in.
  const { count } = await db.selectFrom('lead').select(({ fn }) => fn.countAll<bigint>().as('count')).executeTakeFirstOrThrow();
  return Number(count);
}
