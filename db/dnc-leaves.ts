import { sql } from 'kysely';
import type { Db, Tx } from './connection.ts';
import { named } from './named.ts';

/** A block in force, and what releases after some number flipped of it. */
export interface LeafRow {
  prefix: bigint;
  begun: number;
  listed: number;
  digest: Buffer;
  /** Null, as what follows, where nothing was flipped since. */
  block: Buffer | null;
  numbers: number[] | null;
  flips: Buffer[] | null;
}

/**
 * The blocks of a list after a prefix, at most so many, with what was flipped after release `number`. Bits are read of those
 * that have changed since and of no others: of a large list that is the difference between 5 and 200 MB.
 */
export const leavesAfter: (
  db: Db, values: { list: string; number: number; after: string; limit: number },
) => Promise<LeafRow[]> = named('dnc_leaves', ({ list, number, after, limit }) => sql`
  select found.prefix, found.begun, found.numbers as listed, found.digest,
    case when past.numbers is not null then found.block end as block, past.numbers, past.flips
  from (
    select * from dnc_block where list_id = ${list} and prefix > ${after}::bigint order by prefix limit ${limit}
  ) found left join lateral (
    select array_agg(number order by number) as numbers, array_agg(flipped order by number) as flips
    from dnc_flip where list_id = found.list_id and dnc_flip.prefix = found.prefix and number > ${number}
  ) past on true
  order by found.prefix`);

/** Reads several times of one and the same moment. */
export async function ofOneMoment<T>(db: Db, read: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read);
}
