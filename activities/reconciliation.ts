import { createClearancePartitions } from '../db/clearance-partitions.ts';
import { forgetReservations } from '../db/clearances.ts';
import type { Db } from '../db/connection.ts';
import { forgetAnswers } from '../db/housekeeping.ts';
import { pokeOverdueLeads } from '../db/lead-facts.ts';
import { retryStuckMessages } from '../db/outbox.ts';
import { plus } from '../domain/civil-time.ts';

/** How late a review may be before somebody looks into it: well past the jitter of an hour and a worker's restart. */
const OVERDUE_AFTER = 'PT15M';
const ANSWERS_KEPT = 'P1D';
const POKES_AT_ONCE = 5_000;

export interface Reconciled {
  overdueLeads: number;
  stuckMessages: number;
  forgottenAnswers: number;
  forgottenReservations: number;
  newPartitions: number;
}

/** The safety net behind relay and timers: pokes whatever should have moved and did not. */
export function createReconciliationActivities({ db, now }: { db: Db; now: () => Date }) {
  return {
    async reconcile(): Promise<Reconciled> {
      const at = now();
      return {
        overdueLeads: await pokeOverdueLeads(db, plus(at, OVERDUE_AFTER, -1), at, POKES_AT_ONCE),
        stuckMessages: await retryStuckMessages(db, at),
        forgottenAnswers: await forgetAnswers(db, plus(at, ANSWERS_KEPT, -1)),
        forgottenReservations: await forgetReservations(db, at),
        newPartitions: await createClearancePartitions(db),
      };
    },
  };
}
