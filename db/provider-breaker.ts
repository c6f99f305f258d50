import { sql } from 'kysely';
import type { Provider } from './certificate-schema.ts';
import type { Db } from './connection.ts';

/** How often a provider may fail to answer in a row before it is left alone, and for how long then; it doubles up to a limit. */
const BREAKER = { failures: 5, pauseMs: 60_000, longestPauseMs: 1_800_000 };

/**
 * For how many milliseconds a provider is still to be left alone; 0 when it may be asked. When a pause is over, one caller is
 * let through to try, and the others wait on until it is known how that went.
 */
export async function providerPause(db: Db, provider: Provider, at: Date): Promise<number> {
  const next = new Date(at.getTime() + BREAKER.pauseMs);
  const { numUpdatedRows } = await db
    .updateTable('certificate_provider')
    .set({ open_until: next })
    .where('provider', '=', provider)
    .where('open_until', '<=', at)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) return 0;
  const row = await db.selectFrom('certificate_provider').select('open_until').where('provider', '=', provider).executeTakeFirst();
  return row?.open_until ? row.open_until.getTime() - at.getTime() : 0;
}

/** Puts down whether a provider answered. Who fails too often in a row is left alone for a while, longer each time. */
export async function recordProvider(db: Db, provider: Provider, answered: boolean, at: Date): Promise<void> {
  if (answered) {
    await db.deleteFrom('certificate_provider').where('provider', '=', provider).execute();
    return;
  }
  const { failures, pauseMs, longestPauseMs } = BREAKER;
  await sql`
    insert into certificate_provider as known (provider, failures, open_until) values (${provider}, 1, null)
    on conflict (provider) do update set failures = known.failures + 1,
      open_until = case when known.failures + 1 >= ${failures} then ${at}::timestamptz
        + least(${pauseMs} * 2.0 ^ least(known.failures + 1 - ${failures}, 20), ${longestPauseMs}) * interval '1 millisecond' end`.execute(db);
}
