import {
  allHandlersFinished, condition, continueAsNew, proxyLocalActivities, setCurrentDetails, setDefaultSignalHandler, workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { leadCard } from '../domain/lead-card.ts';
import { Alarm } from './alarm.ts';
import { showInSearch } from './search.ts';

// A review is one short transaction. While the database is away it is retried for as long as that takes: first within the
// workflow task, then with timers that grow to ten minutes.
const { reviewLead } = proxyLocalActivities<Activities>({
  startToCloseTimeout: '10s',
  localRetryThreshold: '5s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10m' },
});

/**
 * The life of one lead: look at the facts, show what they mean, sleep until the next moment that matters or until something
 * happens, and look again; until nothing is left to watch over. Any signal only wakes it, so a lost or doubled one does no
 * harm, and neither does one whose name this version does not know.
 */
export async function leadLifecycle(leadId: string): Promise<void> {
  let stirred = false;
  const stir = () => void (stirred = true);
  setDefaultSignalHandler(stir);
  const alarm = new Alarm(stir);

  for (;;) {
    stirred = false;
    const review = await reviewLead(leadId);
    const wakesAt = review.reviewInMs === null ? null : alarm.ringWithin(review.reviewInMs, review.reviewAt, review.slackMs ?? 0);
    showInSearch(review, wakesAt);
    setCurrentDetails(leadCard(review, wakesAt));
    if (wakesAt === null) return;

    await condition(() => stirred);

    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof leadLifecycle>(leadId);
    }
  }
}
