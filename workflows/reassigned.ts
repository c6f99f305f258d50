import { ActivityFailure, proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { ReassignedActivities } from '../activities/reassigned.ts';
import { askedAheadCard, reassignedCard } from '../domain/reassigned-card.ts';
import { questionTaskQueue } from './messages.ts';

const { giveUpDatabase } = proxyActivities<ReassignedActivities>({ startToCloseTimeout: '10s' });
const { askAhead } = proxyActivities<ReassignedActivities>({
  startToCloseTimeout: '20m', heartbeatTimeout: '1m', retry: { maximumAttempts: 3 }, summary: 'Look for leads to ask about',
});

/**
 * One question to a database of reassigned numbers, asked again until there is an answer or a day has passed. Without an answer
 * the lead stays as it is: held, where an answer is required.
 */
export async function checkReassigned(checkId: string): Promise<void> {
  // A queue of its own: a database that does not answer keeps nothing else waiting, and is asked no faster than it takes.
  const { askDatabase } = proxyActivities<ReassignedActivities>({
    taskQueue: questionTaskQueue(workflowInfo().taskQueue),
    startToCloseTimeout: '1m',
    heartbeatTimeout: '10s',
    scheduleToCloseTimeout: '1d',
    retry: { initialInterval: '5s', backoffCoefficient: 3, maximumInterval: '1h' },
    summary: 'Ask the database',
  });
  setCurrentDetails(reassignedCard(null));
  try {
    setCurrentDetails(reassignedCard(await askDatabase(checkId)));
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    setCurrentDetails(reassignedCard(await giveUpDatabase(checkId)));
    throw error;
  }
}

/** A round of questions that nobody has waited for yet, run by a schedule, so that leads can be called when their turn comes. */
export async function askReassignedAhead(): Promise<void> {
  setCurrentDetails(askedAheadCard(await askAhead()));
}
