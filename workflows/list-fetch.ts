import { ActivityFailure, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { failedFetchCard, fetchCard } from '../domain/list-fetch-card.ts';

// Half an hour in all: what has not come back by then is for the next run.
const { fetchList } = proxyActivities<Activities>({
  startToCloseTimeout: '12h',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '2s', backoffCoefficient: 3, maximumInterval: '15m', maximumAttempts: 8 },
});

/** One run of a scheduled download, from the question whether there is a newer file to its receipt as a release. */
export async function listFetch(fetchId: string): Promise<void> {
  setCurrentDetails(fetchCard(null));
  try {
    setCurrentDetails(fetchCard(await fetchList(fetchId)));
  } catch (error) {
    const reason = error instanceof ActivityFailure ? error.cause?.message : undefined;
    setCurrentDetails(failedFetchCard(reason ?? 'The run was broken off.'));
    throw error;
  }
}
