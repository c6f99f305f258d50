import {
  allHandlersFinished, condition, continueAsNew, proxyActivities, proxyLocalActivities, setCurrentDetails,
  setDefaultSignalHandler, upsertSearchAttributes, workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { requestCard } from '../domain/subject-card.ts';
import { Errands } from './errands.ts';
import { searchAttributes } from './messages.ts';

// A look is one short transaction. While the database is away it is retried for as long as that takes.
const { lookAtRequest } = proxyLocalActivities<Activities>({
  startToCloseTimeout: '10s',
  localRetryThreshold: '5s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10m' },
});

// A code is of use for a while only: who waits for one asks for another.
const { sendSubjectCode } = proxyActivities<Activities>({
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '2h',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '5m' },
  summary: 'Send a code',
});

/** How a request ended. */
export interface RequestEnd {
  state: string;
  /** Of the disposal: GET /v1/disposals/{id}/certificate. */
  certificateId?: string;
}

/**
 * One request of a person, from its receipt to its end: send the codes that are asked for, tell somebody before each deadline
 * passes, carry out what can be carried out, sleep until the next moment that matters. The facts say how far it is; any signal
 * only wakes it.
 */
export async function subjectRequest(requestId: string): Promise<RequestEnd> {
  let stirred = false;
  setDefaultSignalHandler(() => void (stirred = true));
  const codes = new Errands(sendSubjectCode);

  for (;;) {
    stirred = false;
    const look = await lookAtRequest(requestId);
    setCurrentDetails(requestCard(look.summary));
    showInSearch(look.summary.alarm ?? look.summary.waitsFor ?? 'none', look.dueAt);
    codes.see(look.codes);
    const { state, disposalId } = look.summary;
    if (look.againInMs === null) return { state, ...(disposalId ? { certificateId: disposalId } : {}) };
    await condition(() => stirred, look.againInMs, { summary: 'Next look' });

    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      if (!codes.isIdle) await condition(() => codes.isIdle, '1m', { summary: 'A code is being sent' });
      await continueAsNew<typeof subjectRequest>(requestId);
    }
  }
}

/** What stands against it, and when the next deadline is. */
function showInSearch(blocker: string, dueAt: string | null): void {
  const shown = workflowInfo().typedSearchAttributes;
  const due = dueAt === null ? null : new Date(dueAt);
  const shownDue = shown.get(searchAttributes.nextReviewAt);
  const isShown = shown.get(searchAttributes.blocker) === blocker && (shownDue?.getTime() ?? null) === (due?.getTime() ?? null);
  if (isShown) return;
  upsertSearchAttributes([{ key: searchAttributes.blocker, value: blocker }, { key: searchAttributes.nextReviewAt, value: due }]);
}
