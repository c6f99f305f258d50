import type { Db } from '../db/connection.ts';
import { openStatementsWithPlaces } from '../db/unclear-opt-outs.ts';
import { honourBy } from '../domain/opt-out-deadline.ts';
import { policiesFor } from '../domain/policies/book.ts';

/** The oldest ones tell whether any is too old. */
const MOST_LOOKED_AT = 1_000;

/** Statements that wait for a person to read them, counted up to a limit. */
export interface WaitingStatements {
  open: number;
  /** Longer than the law leaves for honouring an opt-out, which each of them may be. */
  overdue: number;
  oldestReceivedAt: Date | null;
}

export async function readWaitingStatements(db: Db, now: Date): Promise<WaitingStatements> {
  const rows = await openStatementsWithPlaces(db, MOST_LOOKED_AT);
  const overdue = rows.filter(({ receivedAt, jurisdictions }) => {
    const deadline = honourBy(receivedAt, policiesFor(jurisdictions));
    return deadline !== null && deadline <= now;
  });
  return { open: rows.length, overdue: overdue.length, oldestReceivedAt: rows[0]?.receivedAt ?? null };
}
