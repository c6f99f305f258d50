import type { WorkflowClient } from '@temporalio/client';
import type { OutboxMessage, Send } from '../db/outbox.ts';
import {
  CERTIFICATE_WORKFLOW, CONSENT_IMPORT_WORKFLOW, ENDPOINT_WORKFLOW, IMPORT_WORKFLOW, KEY_ROTATION_WORKFLOW, LEAD_WORKFLOW,
  REASSIGNED_WORKFLOW, RELEASE_WORKFLOW, SUBJECT_REQUEST_WORKFLOW, attributesAtStart, certificateWorkflowId,
  consentImportWorkflowId, endpointWorkflowId, importWorkflowId, keyRotationWorkflowId, leadWorkflowId, reassignedWorkflowId,
  releaseWorkflowId, searchAttributes, subjectRequestWorkflowId, type BroughtReview,
} from './messages.ts';

const ALREADY_RUNNING = 'WorkflowExecutionAlreadyStartedError';

/** Somebody waits for these, and thousands of leads may come at once: Temporal serves 1 first, and 3 where nothing is said. */
const BEFORE_LEADS = { priorityKey: 2 };

/** gRPC codes that speak of this one message; every other failure is the transport's and concerns all of them. */
const MESSAGE_FAULTS = new Set([3 /* INVALID_ARGUMENT */, 6 /* ALREADY_EXISTS */, 9 /* FAILED_PRECONDITION */]);
const DEADLINE_MS = 5_000;

/** Reviews a lead. Null when there is no such lead. */
type ReviewLead = (leadId: string) => Promise<BroughtReview['review'] | null>;

/**
 * How outbox messages reach their workflows. Throws when Temporal cannot be reached, so that nothing counts as tried. With
 * `review`, word for a lead's workflow brings along what it means, which spares that workflow a look of its own.
 */
export function createSender(client: WorkflowClient, taskQueue: string, review?: ReviewLead): Send {
  return async (message) => {
    const brought = message.workflow === 'lead' && review ? await reviewFirst(review, message.subject) : undefined;
    try {
      await client.withDeadline(Date.now() + DEADLINE_MS, () => deliverMessage(client, taskQueue, message, brought));
      return { delivered: true };
    } catch (error) {
      if (concernsMessage(error)) return { delivered: false };
      throw error;
    }
  };
}

/** Nothing where it fails: the workflow then looks by itself. */
async function reviewFirst(review: ReviewLead, leadId: string): Promise<BroughtReview | undefined> {
  const madeAt = Date.now();
  const made = await review(leadId).catch(() => null);
  return made ? { review: made, madeAt } : undefined;
}

function concernsMessage(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return typeof cause?.code === 'number' && MESSAGE_FAULTS.has(cause.code);
}

/**
 * Hands one outbox message to the workflow it is for, starting that workflow when it is not running. The first message of a
 * lead starts it without a signal, which saves an event and a billed action; everything later is a signal by fact.
 */
async function deliverMessage(
  client: WorkflowClient, taskQueue: string, message: OutboxMessage, brought: BroughtReview | undefined,
): Promise<void> {
  switch (message.workflow) {
    case 'import':
      return startOnce(client, taskQueue, message, {
        type: IMPORT_WORKFLOW, id: importWorkflowId, summary: 'Import of leads from a file', priority: BEFORE_LEADS,
      });
    case 'consent_import':
      return startOnce(client, taskQueue, message, {
        type: CONSENT_IMPORT_WORKFLOW, id: consentImportWorkflowId, summary: 'Import of consents from another system', priority: BEFORE_LEADS,
      });
    case 'certificate':
      return startOnce(client, taskQueue, message, {
        type: CERTIFICATE_WORKFLOW, id: certificateWorkflowId, summary: 'Question about the certificate of a consent',
      });
    case 'reassigned_check':
      return startOnce(client, taskQueue, message, {
        type: REASSIGNED_WORKFLOW, id: reassignedWorkflowId, summary: 'Question whether the number of a lead was reassigned',
      });
    case 'key_rotation':
      return startOnce(client, taskQueue, message, {
        type: KEY_ROTATION_WORKFLOW, id: keyRotationWorkflowId, summary: 'Rotation of the key-encryption key', priority: BEFORE_LEADS,
      });
    case 'release': return tellRelease(client, taskQueue, message);
    case 'endpoint': return tellEndpoint(client, taskQueue, message);
    case 'subject_request': return tellRequest(client, taskQueue, message);
    case 'lead': return tellLead(client, taskQueue, message, brought);
  }
}

async function tellLead(
  client: WorkflowClient, taskQueue: string, message: OutboxMessage, brought: BroughtReview | undefined,
): Promise<void> {
  const start = leadStart(taskQueue, message, brought);
  if (message.lead?.reviewed === false && (await startLead(client, start, brought))) return;
  const { signal, factId, said } = message;
  const words: unknown[] = said === null ? [] : [said];
  const signalArgs = [factId, ...(brought ? [said, brought] : words)];
  await client.signalWithStart(LEAD_WORKFLOW, { ...start, signal, signalArgs, workflowIdConflictPolicy: 'USE_EXISTING' });
}

/** False when the workflow is running already: it may have looked before this fact was there, so it has to be told. */
async function startLead(
  client: WorkflowClient, start: ReturnType<typeof leadStart>, brought: BroughtReview | undefined,
): Promise<boolean> {
  const args = [...start.args, ...(brought ? [brought] : [])];
  try {
    await client.start(LEAD_WORKFLOW, { ...start, args, workflowIdConflictPolicy: 'FAIL' });
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === ALREADY_RUNNING) return false;
    throw error;
  }
}

function leadStart(taskQueue: string, { subject, lead }: OutboxMessage, brought: BroughtReview | undefined) {
  return {
    taskQueue,
    workflowId: leadWorkflowId(subject),
    args: [subject],
    staticSummary: `Lead from ${lead?.source ?? 'an unknown source'}`,
    staticDetails: 'Watches over one lead: when it may be asked about, how long it is kept, when it is destroyed.',
    typedSearchAttributes: [
      { key: searchAttributes.source, value: lead?.source ?? '' },
      { key: searchAttributes.jurisdiction, value: lead?.jurisdiction ?? '' },
      ...attributesAtStart(brought?.review),
    ],
  };
}

/** A job that has one subject and is done once. */
interface Job {
  type: string;
  id: (subject: string) => string;
  summary: string;
  priority?: typeof BEFORE_LEADS;
}

async function startOnce(
  client: WorkflowClient, taskQueue: string, { subject }: OutboxMessage, { type, id, summary, priority }: Job,
): Promise<void> {
  await onlyOnce(client.start(type, {
    taskQueue,
    workflowId: id(subject),
    args: [subject],
    staticSummary: summary,
    ...(priority ? { priority } : {}),
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
  }));
}

/** Starts the workflow of a release, or tells it to look again; one that has come to its end has nothing left to look at. */
async function tellRelease(client: WorkflowClient, taskQueue: string, message: OutboxMessage): Promise<void> {
  const { subject, signal, factId, release } = message;
  const start = {
    taskQueue,
    workflowId: releaseWorkflowId(subject),
    args: [subject],
    staticSummary: release ? `${release.list}: ${release.kind} release as of ${release.asOf.toISOString().slice(0, 16)}Z` : 'Release of a list',
    priority: BEFORE_LEADS,
    staticDetails: 'Brings a file of a do-not-call list into force: reads it, compares it with the list, and tells the leads concerned.',
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    workflowIdReusePolicy: 'REJECT_DUPLICATE' as const,
  };
  return onlyOnce(client.signalWithStart(RELEASE_WORKFLOW, { ...start, signal, signalArgs: [factId] }));
}

/** Starts the workflow of an endpoint, or tells it to look again. Of its address the host alone is shown. */
async function tellEndpoint(client: WorkflowClient, taskQueue: string, { subject, signal, said }: OutboxMessage): Promise<void> {
  await client.signalWithStart(ENDPOINT_WORKFLOW, {
    taskQueue,
    workflowId: endpointWorkflowId(subject),
    args: [subject],
    staticSummary: `Webhooks to ${said ?? 'an endpoint'}`,
    staticDetails: 'Delivers events to one endpoint: in order for each lead, at least once, again and again for three days.',
    workflowIdConflictPolicy: 'USE_EXISTING',
    signal,
    signalArgs: [] as string[],
  });
}

/** Starts the workflow of a person's request, or tells it to look again; one that has ended has nothing left to look at. */
async function tellRequest(
  client: WorkflowClient, taskQueue: string, { subject, signal, factId, said }: OutboxMessage,
): Promise<void> {
  return onlyOnce(client.signalWithStart(SUBJECT_REQUEST_WORKFLOW, {
    taskQueue,
    workflowId: subjectRequestWorkflowId(subject),
    args: [subject],
    staticSummary: `Request of a person: ${said?.split(':')[0] ?? 'anything'}`,
    priority: BEFORE_LEADS,
    staticDetails: 'Watches over what a person asked for: who they are, the deadlines of law, and what was done.',
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    signal,
    signalArgs: [factId, ...(said === null ? [] : [said])] as string[],
  }));
}

async function onlyOnce(starting: Promise<unknown>): Promise<void> {
  await starting.catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== ALREADY_RUNNING) throw error;
  });
}
