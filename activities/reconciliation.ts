import { createClearancePartitions } from '../db/clearance-partitions.ts';
import { forgetReservations } from '../db/clearances.ts';
import type { Db } from '../db/connection.ts';
import type { ArchiveStore } from '../endings/archive/archive-store.ts';
import { sweepArchive } from '../endings/archive/sweep.ts';
import { pokeOverdueDisposals } from '../db/disposals.ts';
import { forgetAnswers } from '../db/housekeeping.ts';
import { forgetDeliveries } from '../db/webhook-deliveries.ts';
import { pokeOverdueEndpoints } from '../db/webhook-endpoints.ts';
import { retryStuckMessages } from '../db/outbox.ts';
import { dropForgottenLinks } from '../db/person-links.ts';
import { pokeOverdueRequests } from '../db/subject-requests.ts';
import type { Vault } from '../db/vault.ts';
import { plus } from '../domain/civil-time.ts';
import { reviewOverdueLeads } from '../gate/overdue-reviews.ts';
import { settleLeftBehind } from '../intake/webhook/waiting.ts';

/** How late a review may be before somebody looks into it: well past the jitter of an hour and a worker's restart. */
const OVERDUE_AFTER = 'PT15M';
const ANSWERS_KEPT = 'P1D';
const POKES_AT_ONCE = 5_000;
/** How late a delivery may be before its workflow is told again: an endpoint that fails looks by itself. */
const DELIVERY_OVERDUE_AFTER = 'PT3M';
const DELIVERIES_KEPT = 'P30D';
const FORGOTTEN_AT_ONCE = 50_000;
/** When whoever acquired somebody in the moment of a statement about them has long come to an end. */
const STATEMENTS_SETTLED_AFTER = 'PT5M';
const STATEMENTS_AT_ONCE = 500;
const STATEMENTS_IN_ALL = 50_000;

export interface Reconciled {
  /** Leads that were reviewed, and those of them whose workflow had to hear of it. */
  overdueLeads: number;
  toldLeads: number;
  overdueDisposals: number;
  stuckMessages: number;
  forgottenAnswers: number;
  forgottenReservations: number;
  newPartitions: number;
  overdueEndpoints: number;
  forgottenDeliveries: number;
  /** Objects of the archive store that were nobody's. */
  removedObjects: number;
  overdueRequests: number;
  /** Of persons of whom nothing is held any more. */
  forgottenLinks: number;
  settledStatements: number;
}

interface ReconciliationDependencies {
  db: Db;
  vault: Vault;
  archive: ArchiveStore;
  now: () => Date;
}

/** The safety net behind relay and timers: looks at or pokes whatever should have moved and did not. */
export function createReconciliationActivities({ db, vault, archive, now }: ReconciliationDependencies) {
  return {
    async reconcile(): Promise<Reconciled> {
      const at = now();
      const { reviewed, told } = await reviewOverdueLeads(db, plus(at, OVERDUE_AFTER, -1), now, POKES_AT_ONCE);
      return {
        overdueLeads: reviewed,
        toldLeads: told,
        overdueDisposals: await pokeOverdueDisposals(db, plus(at, OVERDUE_AFTER, -1), at, POKES_AT_ONCE),
        stuckMessages: await retryStuckMessages(db, at),
        forgottenAnswers: await forgetAnswers(db, plus(at, ANSWERS_KEPT, -1)),
        forgottenReservations: await forgetReservations(db, at),
        newPartitions: await createClearancePartitions(db),
        overdueEndpoints: await pokeOverdueEndpoints(db, plus(at, DELIVERY_OVERDUE_AFTER, -1), at, POKES_AT_ONCE),
        overdueRequests: await pokeOverdueRequests(db, plus(at, OVERDUE_AFTER, -1), at, POKES_AT_ONCE),
        forgottenDeliveries: await forgetDeliveries(db, plus(at, DELIVERIES_KEPT, -1), FORGOTTEN_AT_ONCE),
        removedObjects: await sweepArchive({ db, store: archive }, at),
        forgottenLinks: await dropForgottenLinks(db, at, FORGOTTEN_AT_ONCE),
        settledStatements: await settleStatements(db, vault, at),
      };
    },
  };
}

async function settleStatements(db: Db, vault: Vault, now: Date): Promise<number> {
  let settled = 0;
  for (let seen = 0; seen < STATEMENTS_IN_ALL; seen += STATEMENTS_AT_ONCE) {
    const before = plus(now, STATEMENTS_SETTLED_AFTER, -1);
    const done = await settleLeftBehind(db, vault, { before, now, limit: STATEMENTS_AT_ONCE });
    settled += done.settled;
    if (done.lookedAt < STATEMENTS_AT_ONCE) break;
  }
  return settled;
}
