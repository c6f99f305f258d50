import { Context } from '@temporalio/activity';
import { createPool, type Db } from '../db/connection.ts';
import type { Import } from '../db/imports.ts';
import type { Vault } from '../db/vault.ts';
import { importFile } from '../intake/import/import-file.ts';
import { sweepUploads } from '../intake/import/upload-sweep.ts';
import { progressReporter, type ImportOutcome } from './import-progress.ts';
import { interrupted, stopAttempt } from './interruption.ts';

export interface ImportDependencies {
  db: Db;
  /** Batches are written over a connection of the import's own, so that reviews never wait for one. */
  databaseUrl: string;
  vault: Vault;
  uploadFolder: string;
  now: () => Date;
  /** Aborted when the worker is to stop: Temporal itself says so only when the grace for activities has run out. */
  stopping?: AbortSignal | undefined;
}

/** An upload that nobody has touched for this long belongs to no import that is still going to be. */
const UPLOAD_FORGOTTEN_AFTER_MS = 86_400_000;

/** The activity behind an import's workflow. */
export function createImportActivities({ db, databaseUrl, vault, uploadFolder, now, stopping }: ImportDependencies) {
  return {
    /**
     * Imports an uploaded file, from wherever an earlier attempt left it; doing it again does no harm. When the worker stops,
     * the batch in hand is finished first. A file that cannot be imported is an outcome, not a failure.
     */
    async runImport({ importId }: { importId: string }): Promise<ImportOutcome> {
      const context = Context.current();
      const pool = createPool(databaseUrl, { max: 1 });
      const onProgress = progressReporter(context);
      try {
        const signal = AbortSignal.any([context.cancellationSignal, ...(stopping ? [stopping] : [])]);
        const ended = await importFile({ db, pool, vault, uploadFolder, now, onProgress, signal }, importId);
        if (ended.state === 'running') await stopAttempt(context, 'import');
        await sweepUploads(db, uploadFolder, new Date(now().getTime() - UPLOAD_FORGOTTEN_AFTER_MS));
        return outcomeOf(ended);
      } catch (error) {
        throw interrupted(error, 'import');
      } finally {
        await pool.end();
      }
    },
  };
}

function outcomeOf({ state, rows, rowsPerSecond, problem }: Import): ImportOutcome {
  return {
    state,
    progress: { records: rows.read, total: rows.total, rowsPerSecond, remainingSeconds: 0 },
    problem: problem && `${problem.code}: ${problem.detail}`,
  };
}
