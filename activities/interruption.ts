import { ApplicationFailure, CancelledFailure, type Context } from '@temporalio/activity';

/** Ends an attempt that was told to stop, so that the next one, elsewhere or later, goes on. */
export async function stopAttempt(context: Context, job: string): Promise<never> {
  if (context.cancellationSignal.aborted) return context.cancelled;
  throw ApplicationFailure.retryable(`The worker stops; the ${job} goes on with the next one.`, `${job}_interrupted`);
}

/** A driver's own words can quote a row, and failures are kept in the history: the kind of error has to do. */
export function interrupted(error: unknown, job: string): Error {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  const { name, code } = error as { name?: string; code?: string };
  const kind = [name, code].filter(Boolean).join(' ');
  return ApplicationFailure.retryable(`The ${job} was interrupted (${kind}) and will go on.`, `${job}_interrupted`);
}
