import { basename } from 'node:path';
import { createPool } from '../../db/connection.ts';
import { createScratchDatabase } from '../../db/scratch-database.ts';
import type { VerificationReport } from '../../domain/backup-card.ts';
import type { BackupPlace } from './backup-folder.ts';
import type { OnProgress } from './pace.ts';
import type { RestoreReport } from './restore-report.ts';
import { restoreBackup, type RestoreDeps } from './restoring.ts';

/**
 * Restores a backup into a database that is made for this and dropped afterwards: every file and every row is compared with what
 * was written, the journal is put back as a restore would do it, and some sealed records are opened. Touches nothing else. Fails
 * as a BrokenBackup where it would not restore.
 */
export async function verifyBackup(
  { databaseUrl, ...deps }: Omit<RestoreDeps, 'pool' | 'removeObject'> & { databaseUrl: string },
  place: BackupPlace, onProgress: OnProgress,
): Promise<VerificationReport> {
  const started = performance.now();
  const scratch = await createScratchDatabase(databaseUrl);
  const pool = createPool(scratch.url, { max: 1, statementTimeout: 0 });
  try {
    const report = await restoreBackup({ ...deps, pool, removeObject: null }, place, { onProgress, readsBack: true });
    return {
      name: basename(place.database),
      takenAt: report.snapshotAt,
      tables: report.tables,
      rows: report.rows,
      opened: report.opened,
      replayed: replayedOf(report),
      seconds: Math.round((performance.now() - started) / 1000),
    };
  } finally {
    await pool.end();
    await scratch.drop();
  }
}

function replayedOf({ replayed }: RestoreReport): number {
  return Object.values(replayed.kinds).reduce((sum, { put }) => sum + put, replayed.disposals);
}
