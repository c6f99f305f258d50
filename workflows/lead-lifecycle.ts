import {
  allHandlersFinished, condition, continueAsNew, proxyActivities, proxyLocalActivities, setCurrentDetails,
  setDefaultSignalHandler, workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { LivedReview } from '../activities/life.ts';
import { leadCard } from '../domain/lead-card.ts';
import { Alarm } from './alarm.ts';
import { BroughtWord } from './brought-word.ts';
import { Errands } from './errands.ts';
import type { BroughtReview } from './messages.ts';
import { showInSearch } from './search.ts';

// A review is one short transaction, and does what the end of a life asks for: stores are given a few seconds each. While the
// database is away it is retried for as long as that takes: first within the workflow task, then with timers that grow to ten
// minutes.
const { reviewLead } = proxyLocalActivities<Activities>({
  startToCloseTimeout: '60s',
  localRetryThreshold: '5s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10m' },
});

// A mail server may be away for days: it is tried until the message is out, or not needed any more.
const { requestConfirmation } = proxyActivities<Activities>({
  startToCloseTimeout: '1m',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '10m' },
  summary: 'Ask the person',
});

/** What is left to say of a life that is over. */
export interface LifeSummary {
  stage: string;
  /** Of the disposal: GET /v1/disposals/{id}/certificate. */
  certificateId: string;
}

/**
 * The life of one lead: look at the facts, show what they mean, sleep until the next moment that matters or until something
 * happens, and look again; until nothing is left to watch over. Any signal only wakes it, so a lost or doubled one does no
 * harm, and neither does one whose name this version does not know. Who starts or wakes it may bring a review along.
 */
export async function leadLifecycle(leadId: string, brought?: BroughtReview): Promise<LifeSummary | void> {
  let stirred = false;
  const word = new BroughtWord();
  const stir = (withReview?: unknown) => {
    stirred = true;
    word.hear(withReview);
  };
  stir(brought);
  // A signal says which fact it is of, who said what, and at best what that means.
  setDefaultSignalHandler((_name, ...args) => stir(args[2]));
  const alarm = new Alarm(() => stir());
  const messages = new Errands(requestConfirmation);

  for (;;) {
    stirred = false;
    let review: LivedReview | undefined = word.take();
    if (!review) {
      review = await reviewLead(leadId);
      word.looked();
    }
    const { reviewInMs, reviewAt } = review;
    // A timer that an end under way waits with has no moment to show.
    const wakesAt = reviewInMs === null ? null : alarm.ringWithin(reviewInMs, reviewAt, review.slackMs ?? 0) ?? reviewAt;
    showInSearch(review, wakesAt);
    setCurrentDetails(leadCard(review, wakesAt, review.ending));
    // Reviews of earlier versions name none: what running leads have been through replays as it was.
    messages.see(review.requests ?? []);
    if (reviewInMs === null) return lifeOf(review.stage, review.ending?.certificateId ?? review.certificateId);
    // A store that does not answer is asked again later, and the lead says so meanwhile.
    if (review.ending) alarm.ringWithin(review.ending.againInMs, null, 0);
    await condition(() => stirred);

    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      // A message that is still being tried is taken up again by the next run.
      if (!messages.isIdle) await condition(() => messages.isIdle, '1m', { summary: 'A message is being sent' });
      await continueAsNew<typeof leadLifecycle>(leadId);
    }
  }
}

/** Histories of earlier versions end without a word. */
function lifeOf(stage: string, certificateId: string | undefined): LifeSummary | undefined {
  return certificateId === undefined ? undefined : { stage, certificateId };
}
