import { sql } from 'kysely';
import type { Db } from './connection.ts';
import { isKekInUse } from './subject-keys.ts';

const DAY_MS = 86_400_000;

/**
 * What a key-encryption key is still needed for, in words; null when it can be destroyed: it is not in use, no process wraps
 * with it, no lead's key and no file under way is wrapped under it, and every backup that has such a key is gone.
 */
export async function findKekUse(db: Db, kek: number, backupKeepDays: number, now: Date): Promise<string | null> {
  const epoch = await db.selectFrom('keyring.epoch').selectAll().where('kek', '=', kek).executeTakeFirst();
  if (!epoch) return 'this store has never heard of it';
  if (epoch.retired_at) return null;
  const later = await db.selectFrom('keyring.epoch').select('kek').where('kek', '>', kek).where('activated_at', 'is not', null).limit(1).executeTakeFirst();
  if (!later) return 'it is in use, or will be';
  if (!epoch.emptied_at) return 'no rotation to a later key has come to its end';
  const { rows: [reader] } = await sql`select 1 from keyring.reader where wraps_with <= ${kek} and good_until >= clock_timestamp() limit 1`.execute(db);
  if (reader) return 'a process wraps with it';
  if (await isFileUnderWay(db, epoch.emptied_at)) return 'a file that came in before the rotation is not done with';
  if (await isKekInUse(db, kek)) return 'keys of leads are wrapped under it; rotate once more';
  const until = new Date(epoch.emptied_at.getTime() + backupKeepDays * DAY_MS);
  if (until > now) return `backups are kept for ${backupKeepDays} days (BACKUP_KEEP_DAYS), the last that needs it until ${until.toISOString().slice(0, 10)}`;
  return null;
}

/** Whether a file that was received before is still to be read: its key lies wrapped in the file itself. */
async function isFileUnderWay(db: Db, before: Date): Promise<boolean> {
  for (const table of ['import', 'consent_import', 'suppression_import'] as const) {
    const found = await db.selectFrom(table).select('id').where('state', 'in', ['receiving', 'running']).where('received_at', '<', before).limit(1).executeTakeFirst();
    if (found) return true;
  }
  return false;
}
