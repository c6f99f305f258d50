import { defineSearchAttributeKey, type SearchAttributePair, type SearchAttributeUpdatePair } from '@temporalio/common';
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { BackupProgress } from '../domain/backup-card.ts';
import type { ImportProgress } from '../domain/import-card.ts';
import type { LeadReview, ReviewSummary } from '../domain/lead-card.ts';
import type { ReleaseProgress } from '../domain/release-card.ts';
import type { RotationProgress } from '../domain/rotation-card.ts';

/** The workflow type of one lead's life, and of the long jobs, as the operators' UI shows them. */
export const LEAD_WORKFLOW = 'leadLifecycle';
export const IMPORT_WORKFLOW = 'leadImport';
export const CONSENT_IMPORT_WORKFLOW = 'consentImport';
export const CERTIFICATE_WORKFLOW = 'verifyCertificate';
export const RELEASE_WORKFLOW = 'releaseList';
export const RECONCILIATION_WORKFLOW = 'reconciliation';
export const LIST_WATCH_WORKFLOW = 'listWatch';
export const RETENTION_SWEEP_WORKFLOW = 'retentionSweep';
export const LIST_FETCH_WORKFLOW = 'listFetch';
export const ENDPOINT_WORKFLOW = 'deliverWebhooks';
export const KEY_ROTATION_WORKFLOW = 'keyRotation';
export const BACKUP_WORKFLOW = 'backUpStore';
export const BACKUP_TEST_WORKFLOW = 'testBackup';
export const BACKUP_EXPIRY_WORKFLOW = 'expireBackups';
export const SUBJECT_REQUEST_WORKFLOW = 'subjectRequest';
export const REASSIGNED_WORKFLOW = 'checkReassigned';
export const ASK_AHEAD_WORKFLOW = 'askReassignedAhead';

/** The workflow id of a lead: `lead/<lead id>`. */
export function leadWorkflowId(leadId: string): string {
  return `lead/${leadId}`;
}

/** The workflow id of an import: `import/<import id>`. */
export function importWorkflowId(importId: string): string {
  return `import/${importId}`;
}

/** The workflow id of an import of consents: `consent-import/<import id>`. */
export function consentImportWorkflowId(importId: string): string {
  return `consent-import/${importId}`;
}

/** The workflow id of a question about a certificate: `certificate/<check id>`. */
export function certificateWorkflowId(checkId: string): string {
  return `certificate/${checkId}`;
}

/** The workflow id of a release of a list: `release/<release id>`. */
export function releaseWorkflowId(releaseId: string): string {
  return `release/${releaseId}`;
}

/** The workflow id of the deliveries to an endpoint: `webhook-endpoint/<endpoint id>`. */
export function endpointWorkflowId(endpointId: string): string {
  return `webhook-endpoint/${endpointId}`;
}

/** The workflow id of a rotation of key-encryption keys that somebody asked for: `key-rotation/<rotation id>`. */
export function keyRotationWorkflowId(rotationId: string): string {
  return `key-rotation/${rotationId}`;
}

/** The workflow id of a request of a person: `subject-request/<request id>`. */
export function subjectRequestWorkflowId(requestId: string): string {
  return `subject-request/${requestId}`;
}

/** The workflow id of a question to a database of reassigned numbers: `reassigned-check/<check id>`. */
export function reassignedWorkflowId(checkId: string): string {
  return `reassigned-check/${checkId}`;
}

/** The task queue of questions to databases that are paid by the question, and asked no faster than they take it. */
export function questionTaskQueue(taskQueue: string): string {
  return `${taskQueue}-questions`;
}

/** The task queue of the deliveries: servers that do not answer must keep no review and no import waiting. */
export function webhookTaskQueue(taskQueue: string): string {
  return `${taskQueue}-webhooks`;
}

export const progressQuery = defineQuery<ImportProgress | null>('progress');

/** How the import's own activity tells its workflow how far it has come; sent rarely, a few hundred times at most. */
export const progressSignal = defineSignal<[ImportProgress]>('progressed');

export const releaseProgressQuery = defineQuery<ReleaseProgress | null>('progress');

/** How the activities of a release tell its workflow how far they have come. */
export const releaseProgressSignal = defineSignal<[ReleaseProgress]>('progressed');

export const rotationProgressQuery = defineQuery<RotationProgress | null>('progress');

/** How the activities of a rotation tell their workflow how far they have come. */
export const rotationProgressSignal = defineSignal<[RotationProgress]>('progressed');
export const backupProgressQuery = defineQuery<BackupProgress | null>('progress');

/** How the activities of a backup tell its workflow how far they have come. */
export const backupProgressSignal = defineSignal<[BackupProgress]>('progressed');

/** The custom search attributes, by the type they are registered with. */
export const SEARCH_ATTRIBUTES = {
  LeadStage: 'Keyword',
  ConsentState: 'Keyword',
  DncState: 'Keyword',
  LeadSource: 'Keyword',
  Jurisdiction: 'Keyword',
  Blocker: 'Keyword',
  SensitivityTier: 'Keyword',
  ValueTier: 'Keyword',
  NextReviewAt: 'Datetime',
  RetainUntil: 'Datetime',
  ConsentUntil: 'Datetime',
  LeadHeld: 'Bool',
} as const satisfies Record<string, 'Keyword' | 'Datetime' | 'Bool'>;

export const searchAttributes = {
  stage: defineSearchAttributeKey('LeadStage', 'KEYWORD'),
  consentState: defineSearchAttributeKey('ConsentState', 'KEYWORD'),
  dncState: defineSearchAttributeKey('DncState', 'KEYWORD'),
  source: defineSearchAttributeKey('LeadSource', 'KEYWORD'),
  jurisdiction: defineSearchAttributeKey('Jurisdiction', 'KEYWORD'),
  blocker: defineSearchAttributeKey('Blocker', 'KEYWORD'),
  nextReviewAt: defineSearchAttributeKey('NextReviewAt', 'DATETIME'),
  retainUntil: defineSearchAttributeKey('RetainUntil', 'DATETIME'),
  consentUntil: defineSearchAttributeKey('ConsentUntil', 'DATETIME'),
  /** True while an order not to dispose of the lead stands; never set where none ever did. */
  held: defineSearchAttributeKey('LeadHeld', 'BOOL'),
};

/** A review that whoever brings word of a fact has made of the lead: its workflow need not look once more. */
export interface BroughtReview {
  review: LeadReview;
  /** By the clock of the machine that made it, in milliseconds; never shifted. */
  madeAt: number;
}

/** What operators can filter leads by, as a review and the moment of the next one have it. */
export function attributesOfLead(review: ReviewSummary, wakesAt: string | null): SearchAttributeUpdatePair[] {
  return [
    { key: searchAttributes.stage, value: review.stage },
    { key: searchAttributes.consentState, value: review.consentState },
    { key: searchAttributes.dncState, value: review.dncState },
    ...blockerOf(review),
    { key: searchAttributes.held, value: review.hold ? true : null },
    { key: searchAttributes.nextReviewAt, value: instant(wakesAt) },
    { key: searchAttributes.retainUntil, value: instant(review.retainUntil) },
    { key: searchAttributes.consentUntil, value: instant(review.consentUntil) },
  ] as SearchAttributeUpdatePair[];
}

/** What a lead's workflow shows from its first moment on, which costs nothing: what a review came to, or that there was none. */
export function attributesAtStart(review: LeadReview | undefined): SearchAttributePair[] {
  const unseen = [
    { key: searchAttributes.stage, value: 'acquired' },
    { key: searchAttributes.consentState, value: 'none' },
    { key: searchAttributes.dncState, value: 'unchecked' },
  ];
  const seen = review && attributesOfLead(review, review.reviewAt).filter(({ value }) => value !== null);
  return (seen ?? unseen) as SearchAttributePair[];
}

/** Reviews of the first version said nothing of blockers; what they led to stays as it was. */
function blockerOf({ blockers, standing = blockers?.[0] ?? 'none' }: ReviewSummary) {
  return blockers ? [{ key: searchAttributes.blocker, value: standing }] : [];
}

/** Temporal counts the nanoseconds since 1970 in 64 bits, which end in 2262. Whoever says 9999 means never. */
const LAST_SHOWN = Date.UTC(2262, 0, 1);

function instant(text: string | null): Date | null {
  return text === null ? null : new Date(Math.min(Date.parse(text), LAST_SHOWN));
}
