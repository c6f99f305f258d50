import { ApplicationFailure, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { importCard, type ImportProgress } from '../domain/import-card.ts';
import type { ImportOutcome } from '../activities/import-progress.ts';
import { progressQuery, progressSignal } from './messages.ts';

/**
 * Follows a file that an activity takes in, for those who look at it. The activity commits batch by batch and goes on where
 * it stopped, so a worker that dies costs time and no row. A file that cannot be imported is a failed import and a finished
 * workflow.
 */
export async function followImport(run: () => Promise<ImportOutcome>): Promise<void> {
  let progress: ImportProgress | null = null;
  setHandler(progressQuery, () => progress);
  setHandler(progressSignal, (reported) => {
    progress = reported;
    setCurrentDetails(importCard('running', reported));
  });

  setCurrentDetails(importCard('receiving', null));
  const outcome = await run();
  setCurrentDetails(importCard(outcome.state, outcome.progress, outcome.problem));
  if (outcome.state === 'failed') throw ApplicationFailure.nonRetryable(outcome.problem ?? 'The import failed.', 'import_failed');
}
