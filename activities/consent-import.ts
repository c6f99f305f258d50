import { Context } from '@temporalio/activity';
import type { Db } from '../db/connection.ts';
import type { ConsentImport } from '../db/consent-imports.ts';
import type { Vault } from '../db/vault.ts';
import { importConsents } from '../intake/moving/consent-file.ts';
import { progressReporter, type ImportOutcome } from './import-progress.ts';
import { interrupted, stopAttempt } from './interruption.ts';

export interface ConsentImportDependencies {
  db: Db;
  vault: Vault;
  uploadFolder: string;
  now: () => Date;
  stopping?: AbortSignal | undefined;
}

/** The activity behind a file of consents of another system. */
export function createConsentImportActivities({ db, vault, uploadFolder, now, stopping }: ConsentImportDependencies) {
  return {
    /**
     * Takes an uploaded file in, from wherever an earlier attempt left it; doing it again does no harm. A file that cannot be
     * read is an outcome, not a failure.
     */
    async runConsentImport({ importId }: { importId: string }): Promise<ImportOutcome> {
      const context = Context.current();
      const signal = AbortSignal.any([context.cancellationSignal, ...(stopping ? [stopping] : [])]);
      try {
        const work = { db, vault, uploadFolder, now, onProgress: progressReporter(context), signal };
        const ended = await importConsents(work, importId);
        if (ended.state === 'running') await stopAttempt(context, 'import');
        return outcomeOf(ended);
      } catch (error) {
        throw interrupted(error, 'import');
      }
    },
  };
}

function outcomeOf({ state, rows_read, rows_total, rows_per_second, problem }: ConsentImport): ImportOutcome {
  const total = rows_total === null ? null : Number(rows_total);
  return {
    state,
    progress: { records: Number(rows_read), total, rowsPerSecond: rows_per_second, remainingSeconds: 0 },
    problem: problem && `${problem.code}: ${problem.detail}`,
  };
}
