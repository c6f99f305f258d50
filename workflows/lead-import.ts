import { ApplicationFailure, proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { importCard, type ImportProgress } from '../domain/import-card.ts';
import { progressQuery, progressSignal } from './messages.ts';

const { runImport } = proxyActivities<Activities>({
  startToCloseTimeout: '7d',
  heartbeatTimeout: '20s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/**
 * One import, from the stored upload to the last row. The activity commits batch by batch and goes on where it stopped, so
 * a worker that dies costs time and no row. A file that cannot be imported is a failed import and a finished workflow.
 */
export async function leadImport(importId: string): Promise<void> {
  let progress: ImportProgress | null = null;
  setHandler(progressQuery, () => progress);
  setHandler(progressSignal, (reported) => {
    progress = reported;
    setCurrentDetails(importCard('running', reported));
  });

  setCurrentDetails(importCard('receiving', null));
  const outcome = await runImport({ importId });
  setCurrentDetails(importCard(outcome.state, outcome.progress, outcome.problem));
  if (outcome.state === 'failed') throw ApplicationFailure.nonRetryable(outcome.problem ?? 'The import failed.', 'import_failed');
}
