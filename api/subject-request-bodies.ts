import { z } from 'zod';
import type { SubjectRequestRow } from '../db/subject-requests.ts';
import { stepsOfRequests, type SubjectRequestStep } from '../db/subject-steps.ts';
import type { Db } from '../db/connection.ts';
import { policiesFor } from '../domain/policies/book.ts';
import { levelOf, openDeadlines } from '../domain/subject-course.ts';
import { deadlinesOf } from '../domain/subject-deadlines.ts';
import { STEP_KINDS, SUBJECT_REQUEST_KINDS, SUBJECT_REQUEST_STATES } from '../domain/subject-request.ts';
import { subjectRequestWorkflowId } from '../workflows/messages.ts';
import { answeredInstant, uuid } from './fields.ts';

const deadline = z.object({ jurisdiction: z.string(), kind: z.enum(['acknowledge', 'answer', 'opt_out']), dueAt: answeredInstant, source: z.string() });

const step = z.object({
  id: uuid,
  kind: z.enum(STEP_KINDS),
  at: answeredInstant,
  by: z.string().meta({ description: '`person`, `leadwarden`, or a key' }),
  word: z.string().nullable().meta({ description: 'By which way, on which ground, for which deadline' }),
  factId: uuid.nullable().meta({ description: 'What came of it: a correction, an access, a disposal' }),
});

const kept = z.object({
  protects: z.string().meta({ description: 'Which evidence' }),
  rule: z.string(),
  jurisdiction: z.string().nullable(),
  source: z.string(),
  until: answeredInstant,
});

export const subjectRequest = z
  .object({
    id: uuid,
    leadId: uuid.nullable().meta({ description: 'Null where the number is no lead: that has to be told as well' }),
    kind: z.enum(SUBJECT_REQUEST_KINDS),
    via: z.string().meta({ description: 'The way it came' }),
    requestedAt: answeredInstant,
    receivedAt: answeredInstant,
    deadlines: z
      .array(deadline)
      .meta({ description: 'By the law of the places the person may be in, the earliest first; reckoned anew at every reading' }),
    state: z.enum(SUBJECT_REQUEST_STATES),
    dueAt: answeredInstant.nullable().meta({ description: 'The earliest deadline that is not met' }),
    alarm: z.enum(['due_soon', 'urgent', 'overdue']).nullable().meta({ description: 'How near it is: less than 7 days, less than 2, or past' }),
    acknowledgedAt: answeredInstant.nullable(),
    identifiedAt: answeredInstant.nullable().meta({ description: 'Since when it is known that it comes from the person' }),
    identifiedBy: z.string().nullable().meta({ description: '`code`, or the key that vouched' }),
    endedAt: answeredInstant.nullable(),
    kept: z.array(kept).nullable().meta({ description: 'What the person was told is kept in spite of an erasure; null where nothing was' }),
    certificateId: uuid.nullable().meta({ description: 'The disposal that fulfilled it: GET /v1/disposals/{id}/certificate' }),
    workflowId: z.string(),
    steps: z.array(step).meta({ description: 'Everything that was done about it, oldest first' }),
  })
  .meta({ id: 'SubjectRequest' });

/** Requests as they are answered, with everything that was done about them. */
export async function viewsOf(db: Db, rows: readonly SubjectRequestRow[], now: Date): Promise<z.infer<typeof subjectRequest>[]> {
  const steps = await stepsOfRequests(db, rows.map(({ id }) => id));
  return rows.map((row) => viewOf(row, steps.get(row.id) ?? [], now));
}

/** As `viewsOf`, of one. */
export async function viewOfRequest(db: Db, row: SubjectRequestRow, now: Date): Promise<z.infer<typeof subjectRequest>> {
  return viewOf(row, (await stepsOfRequests(db, [row.id])).get(row.id) ?? [], now);
}

function viewOf(row: SubjectRequestRow, steps: readonly SubjectRequestStep[], now: Date): z.infer<typeof subjectRequest> {
  const { id, kind, via, requested_at: requestedAt, state } = row;
  const deadlines = deadlinesOf({ kind, requestedAt }, policiesFor(row.jurisdictions));
  const [next] = openDeadlines(deadlines, { acknowledgedAt: row.acknowledged_at, endedAt: row.ended_at });
  return {
    id,
    leadId: row.lead_id,
    kind,
    via,
    requestedAt: requestedAt.toISOString(),
    receivedAt: row.received_at.toISOString(),
    deadlines: deadlines.map(({ dueAt, ...each }) => ({ ...each, dueAt: dueAt.toISOString() })),
    state,
    dueAt: next?.dueAt.toISOString() ?? null,
    alarm: next ? levelOf(next.dueAt, now) : null,
    acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
    identifiedAt: row.identified_at?.toISOString() ?? null,
    identifiedBy: row.identified_by,
    endedAt: row.ended_at?.toISOString() ?? null,
    kept: row.kept,
    certificateId: steps.findLast((each) => each.kind === 'disposed')?.fact_id ?? null,
    workflowId: subjectRequestWorkflowId(id),
    steps: steps.map(({ id: stepId, kind: done, at, by, word, fact_id: factId }) => {
      return { id: stepId, kind: done, at: at.toISOString(), by, word, factId };
    }),
  };
}
