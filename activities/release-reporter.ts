import type { Context } from '@temporalio/activity';

/** How far a job has come in its phase: how much of what. */
interface PhasedProgress {
  phase: string;
  done: number;
  total: number | null;
}

/** The signal by which the workflow hears of progress, and how much more has to be done before it hears again. */
const PROGRESS_SIGNAL = 'progressed';
const PROGRESS_STEP = 0.05;
const LEAST_PAUSE_MS = 1_000;

const HEARTBEAT_MS = 2_000;

/** How an attempt tells what it has come to. */
interface Reporter<Progress> {
  report(progress: Progress): void;
  end(): void;
}

/** Tells Temporal that an attempt is alive, also in the middle of a long statement, and its workflow how far it has come. */
export function releaseReporter(context: Context): Reporter<PhasedProgress> {
  let last: PhasedProgress | null = null;
  let told: { phase: string; share: number; at: number } | null = null;
  const beat = setInterval(() => context.heartbeat(last), HEARTBEAT_MS);
  return {
    report(progress) {
      last = progress;
      context.heartbeat(progress);
      const share = progress.total ? progress.done / progress.total : 0;
      const at = performance.now();
      const isNews = told?.phase !== progress.phase || (share - told.share >= PROGRESS_STEP && at - told.at >= LEAST_PAUSE_MS);
      if (!isNews) return;
      told = { phase: progress.phase, share, at };
      tellWorkflow(context, progress).catch(() => undefined);
    },
    end: () => clearInterval(beat),
  };
}

async function tellWorkflow({ client, info }: Context, progress: PhasedProgress): Promise<void> {
  const { workflowId, runId } = info.workflowExecution ?? {};
  if (workflowId) await client.workflow.getHandle(workflowId, runId).signal(PROGRESS_SIGNAL, progress);
}
