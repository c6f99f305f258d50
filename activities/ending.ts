import { ApplicationFailure } from '@temporalio/activity';
import type { Db } from '../db/connection.ts';

/** How far the end of a lead has come. Holds ids and words of closed lists. */
export interface EndingStep {
  isDone: boolean;
  /** When to go on, where it is not done. */
  againInMs: number;
  /** What it waits for: names of stores, or `hold`. */
  waitsFor: string[];
  /** The certificate of a disposal that is complete. */
  certificateId?: string;
}

export interface EndingDependencies {
  db: Db;
  now: () => Date;
}

/** The activities that carry out what a review asks for at the end of a lead's life. Each can be called again at any point. */
export function createEndingActivities(_: EndingDependencies) {
  return {
    disposeLead: notYet,
  };
}

function notYet(_leadId: string): Promise<EndingStep> {
  throw ApplicationFailure.nonRetryable('not yet');
}
