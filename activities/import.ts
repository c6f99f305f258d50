import { Context } from '@temporalio/activity';
import { createPool, type Db } from '../db/connection.ts';
import type { Import } from '../db/imports.ts';
import type { Vault } from '../db/vault.ts';
import type { ImportProgress } from '../domain/import-card.ts';
import { importFile } from '../intake/import/import-file.ts';
import { sweepUploads } from '../intake/import/upload-sweep.ts';
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

/** How an import ended; `problem` says why it failed, without any content of the file. */
export interface ImportOutcome {
  state: Import['state'];
  progress: ImportProgress;
  problem: string | null;
}

/** The signal by which the workflow hears of progress, and how much more has to be done before it hears again. */
const PROGRESS_SIGNAL = 'progressed';
const PROGRESS_STEP = 0.02;

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
      const onProgress = reporter(context);
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

/** Every step is a heartbeat; every now and then the workflow is told as well, for those who look at it. */
function reporter(context: Context): (progress: ImportProgress | null) => void {
  let last: ImportProgress | null = null;
  let told = 0;
  return (progress) => {
    last = progress ?? last;
    context.heartbeat(last);
    if (!progress?.total || progress.records - told < progress.total * PROGRESS_STEP) return;
    told = progress.records;
    tellWorkflow(context, progress).catch(() => undefined);
  };
}

async function tellWorkflow({ client, info }: Context, progress: ImportProgress): Promise<void> {
  const { workflowId, runId } = info.workflowExecution ?? {};
  if (workflowId) await client.workflow.getHandle(workflowId, runId).signal(PROGRESS_SIGNAL, progress);
}

function outcomeOf({ state, rows, rowsPerSecond, problem }: Import): ImportOutcome {
  return {
    state,
    progress: { records: rows.read, total: rows.total, rowsPerSecond, remainingSeconds: 0 },
    problem: problem && `${problem.code}: ${problem.detail}`,
  };
}
