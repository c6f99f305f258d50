import type { Context } from '@temporalio/activity';
import type { ImportProgress } from '../domain/import-card.ts';

/** How an import ended; `problem` says why it failed, without any content of the file. */
export interface ImportOutcome {
  state: 'receiving' | 'running' | 'completed' | 'failed';
  progress: ImportProgress;
  problem: string | null;
}

/** The signal by which the workflow hears of progress, and how much more has to be done before it hears again. */
const PROGRESS_SIGNAL = 'progressed';
const PROGRESS_STEP = 0.02;

/** Every step is a heartbeat; every now and then the workflow is told as well, for those who look at it. */
export function progressReporter(context: Context): (progress: ImportProgress | null) => void {
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
