import { sql } from 'kysely';
import type { Db } from './connection.ts';

/** How the backups stood when they were last looked through. */
interface BackupWatch {
  checkedAt: Date;
  /** Copies of keys that should have been gone and were not. */
  overdue: number;
  oldestAt: Date | null;
  newestAt: Date | null;
}

/** Puts it down, in place of what was found before. */
export async function recordBackupWatch(db: Db, { checkedAt, overdue, oldestAt, newestAt }: BackupWatch): Promise<void> {
  await sql`
    insert into backup_watch (id, checked_at, overdue, oldest_at, newest_at) values (1, ${checkedAt}, ${overdue}, ${oldestAt}, ${newestAt})
    on conflict (id) do update set checked_at = excluded.checked_at, overdue = excluded.overdue, oldest_at = excluded.oldest_at,
      newest_at = excluded.newest_at`.execute(db);
}

/** Null where nobody has looked yet, or no worker makes backups. */
export async function readBackupWatch(db: Db): Promise<BackupWatch | null> {
  const { rows: [row] } = await sql<BackupWatch>`
    select checked_at as "checkedAt", overdue, oldest_at as "oldestAt", newest_at as "newestAt" from backup_watch`.execute(db);
  return row ?? null;
}
