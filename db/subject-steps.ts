import type { Selectable } from 'kysely';
import type { StepKind } from '../domain/subject-request.ts';
import type { Db, Tx } from './connection.ts';
import { newId } from './ids.ts';
import type { SubjectRequestStepTable } from './person-schema.ts';

export type SubjectRequestStep = Selectable<SubjectRequestStepTable>;

/** Something that was done about a request, and who did it. */
export interface NewStep {
  kind: StepKind;
  by: string;
  word?: string | null;
  factId?: string | null;
}

/** Puts a step on record and answers its id. */
export async function addStep(
  tx: Tx, requestId: string, { kind, by, word = null, factId = null }: NewStep, now: Date,
): Promise<string> {
  const id = newId();
  await tx.insertInto('subject_request_step').values({ id, request_id: requestId, kind, at: now, by, word, fact_id: factId }).execute();
  return id;
}

/** As `addStep`, of what is said once only: null where it has been said. */
export async function addStepOnce(
  tx: Tx, requestId: string, { kind, by, word = null, factId = null }: NewStep, now: Date,
): Promise<string | null> {
  const row = await tx
    .insertInto('subject_request_step')
    .values({ id: newId(), request_id: requestId, kind, at: now, by, word, fact_id: factId })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}

const MOST_STEPS = 500;

/** What was done about some requests, oldest first, by request. */
export async function stepsOfRequests(db: Db, requestIds: readonly string[]): Promise<Map<string, SubjectRequestStep[]>> {
  if (requestIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('subject_request_step')
    .selectAll()
    .where('request_id', 'in', [...requestIds])
    .orderBy('id')
    .limit(MOST_STEPS * requestIds.length)
    .execute();
  return Map.groupBy(rows, ({ request_id }) => request_id);
}
