import { sql } from 'kysely';
import type { Db } from './connection.ts';
import { newId } from './ids.ts';

const MONTHS_AHEAD = 3;

/**
 * Makes sure that clearances of this month and the next ones have partitions of their own. Ids tell the month: they are
 * UUIDv7, so a partition reaches from the first id of a month to the first of the next. Answers how many were made.
 */
export async function createClearancePartitions(db: Db): Promise<number> {
  const now = new Date(Number.parseInt(newId().replaceAll('-', '').slice(0, 12), 16));
  const months = Array.from({ length: MONTHS_AHEAD + 1 }, (_, ahead) => {
    return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead));
  });
  let made = 0;
  for (const month of months) if (await createPartition(db, month)) made += 1;
  return made;
}

async function createPartition(db: Db, month: Date): Promise<boolean> {
  const name = `clearance_${month.toISOString().slice(0, 7).replace('-', '_')}`;
  const { rows } = await sql<{ known: boolean }>`select to_regclass(${name}) is not null as known`.execute(db);
  if (rows[0]?.known) return false;
  const next = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1));
  const [from, to] = [sql.lit(firstIdOf(month)), sql.lit(firstIdOf(next))];
  await sql`create table if not exists ${sql.table(name)} partition of clearance for values from (${from}) to (${to})
    with (toast_tuple_target = 8160)`.execute(db);
  return true;
}

function firstIdOf(month: Date): string {
  const time = month.getTime().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}
