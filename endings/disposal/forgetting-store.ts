import type { Db } from '../../db/connection.ts';
import type { DisposalProblem, DisposalStore } from '../../domain/disposal.ts';

/** Whom a store is to forget. */
export interface ToForget {
  disposalId: string;
  leadId: string;
}

/** What a store did: confirmed, with counts, digests and moments as evidence; or why not, in a word. */
export type StoreAnswer = { problem: null; evidence: object } | { problem: DisposalProblem; evidence: object | null };

/**
 * Something outside of the rows of the database that holds what is known of persons, or was told it. It can be asked about the
 * same persons at any time and as often as need be, and answers within seconds.
 */
export interface ForgettingStore {
  readonly store: DisposalStore;
  /** Answers by lead id. Never fails: what does not answer is a problem of each. */
  forget(db: Db, whom: readonly ToForget[]): Promise<ReadonlyMap<string, StoreAnswer>>;
  /** Looks for what should be gone: the ids of leads of whom something is found, or who could not be looked for. */
  findRemains(db: Db, whom: readonly ToForget[]): Promise<ReadonlySet<string>>;
}
