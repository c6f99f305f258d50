import { ApplicationFailure } from '@temporalio/activity';
import type { Db, Tx } from '../db/connection.ts';
import { lockLead } from '../db/locked-lead.ts';
import { publish } from '../db/subscriber-events.ts';
import { changeSubjectRequest, findSubjectRequest, lockSubjectRequest, type SubjectRequestRow } from '../db/subject-requests.ts';
import { addStepOnce } from '../db/subject-steps.ts';
import { pendingCodes } from '../db/subject-codes.ts';
import type { Vault } from '../db/vault.ts';
import { earliest, plus } from '../domain/civil-time.ts';
import { policiesFor } from '../domain/policies/book.ts';
import { alarmsDue, ALARM_LEVELS, nextAlarmAt, openDeadlines } from '../domain/subject-course.ts';
import { deadlinesOf, type Deadline } from '../domain/subject-deadlines.ts';
import type { RequestSummary } from '../domain/subject-card.ts';
import { carryOn, CODES_SENT_WITHIN, type Progress } from '../endings/carrying-on.ts';

export interface SubjectDependencies {
  db: Db;
  vault: Vault;
  now: () => Date;
}

/** A request as its workflow sees it: what to show, which codes are to be sent, and when to look again. */
export interface RequestLook {
  summary: RequestSummary;
  /** The next deadline that is not met. */
  dueAt: string | null;
  codes: string[];
  /** Null when it has ended. */
  againInMs: number | null;
}

const SAFETY_NET = 'P30D';
const LEAST_MS = 1_000;

/** The activity behind the workflow of a person's request: look at the facts, do what can be done, say when to look again. */
export function createSubjectActivities({ db, vault, now }: SubjectDependencies) {
  return {
    /** Looks at a request in one transaction. Fails for good when there is none of this id. */
    async lookAtRequest(requestId: string): Promise<RequestLook> {
      return db.transaction().execute(async (tx) => {
        const at = now();
        const found = await findSubjectRequest(tx, requestId);
        if (!found) throw ApplicationFailure.nonRetryable('There is no request of this id in the database.', 'unknown_subject_request');
        const lead = found.lead_id === null ? null : await lockLead(tx, found.lead_id);
        const locked = (await lockSubjectRequest(tx, requestId)) ?? found;
        const progress = await carryOn({ tx, vault, at }, locked, lead);
        return look(tx, progress, at);
      });
    },
  };
}

async function look(tx: Tx, { request, waitsFor, againAt, disposalId }: Progress, at: Date): Promise<RequestLook> {
  const { kind, requested_at: requestedAt, jurisdictions, acknowledged_at: acknowledgedAt, ended_at: endedAt } = request;
  const deadlines = deadlinesOf({ kind, requestedAt }, policiesFor(jurisdictions));
  const open = openDeadlines(deadlines, { acknowledgedAt, endedAt });
  await soundAlarms(tx, request, open, at);
  const dueAt = open[0]?.dueAt ?? null;
  const nextAt = endedAt ? null : earliest([nextAlarmAt(open, at), againAt, plus(at, SAFETY_NET)]);
  if (!endedAt) await changeSubjectRequest(tx, request.id, { due_at: dueAt, look_at: nextAt });
  const alarms = alarmsDue(open, at).map(({ level }) => level);
  return {
    summary: {
      kind,
      state: request.state,
      waitsFor,
      alarm: ALARM_LEVELS.findLast((level) => alarms.includes(level)) ?? null,
      deadlines: open.map(({ dueAt: due, ...deadline }) => ({ ...deadline, dueAt: due.toISOString() })),
      disposalId,
    },
    dueAt: dueAt?.toISOString() ?? null,
    codes: endedAt || waitsFor === 'archive' ? [] : await pendingCodes(tx, request.id, plus(at, CODES_SENT_WITHIN, -1)),
    againInMs: nextAt && Math.max(nextAt.getTime() - at.getTime(), LEAST_MS),
  };
}

/** Whoever subscribes hears of a deadline that comes near: once for each time it has come nearer. */
async function soundAlarms(tx: Tx, request: SubjectRequestRow, open: readonly Deadline[], at: Date): Promise<void> {
  for (const { level, deadline } of alarmsDue(open, at)) {
    const { jurisdiction, kind, dueAt } = deadline;
    const stepId = await addStepOnce(tx, request.id, { kind: level, by: 'leadwarden', word: `${jurisdiction} ${kind}` }, at);
    if (stepId === null) continue;
    const words = { kind: request.kind, deadline: kind, jurisdiction, level, dueAt: dueAt.toISOString() };
    await publish(tx, [{ type: 'subject-request.due-soon', leadId: request.lead_id, factId: request.id, at, words }], at);
  }
}
