import type { ReassignedAnswer } from '../../domain/clearance.ts';

/** What a database is asked: whether a number was given up on a day or since. */
export interface ReassignedQuestion {
  /** E.164. */
  phone: string;
  /** `YYYY-MM-DD`: a day on which the number is known to have been the person's. */
  since: string;
}

/** A database of numbers that were given up by whoever had them. */
export interface ReassignedDatabase {
  /** Asks about one number; `no_data` is an answer as well. Throws a ProviderFailure where there is none to rely on. */
  ask(question: ReassignedQuestion, signal: AbortSignal): Promise<ReassignedAnswer['answer']>;
}
