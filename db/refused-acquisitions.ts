import { sql, type Insertable } from 'kysely';
import type { Db } from './connection.ts';
import type { RefusedAcquisitionTable } from './ending-schema.ts';
import { newId } from './ids.ts';
import { rowSet } from './row-set.ts';

/** An arrival of a number whose person had opted out and was forgotten since. Nothing of the person is kept of it. */
export type RefusedAcquisition = Omit<Insertable<RefusedAcquisitionTable>, 'id'>;

const add = rowSet('refused_acquisition', ['id', 'token', 'source_id', 'acquired_at', 'received_at']);

export async function insertRefusedAcquisitions(db: Db, refused: readonly RefusedAcquisition[]): Promise<void> {
  await add(db, refused.map((each) => ({ id: newId(), ...each })));
}

/** Whether a number is not to be taken in: a refusal of its person stands, and the person was forgotten since. */
export async function isOutlived(db: Db, token: bigint): Promise<boolean> {
  const { rows } = await sql`
    select 1 from suppression where token = ${token} and lifted_at is null and outlived_at is not null limit 1`.execute(db);
  return rows.length > 0;
}
