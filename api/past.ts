import { DomainError } from '../domain/problem.ts';
import { CLOCK_SKEW_MS } from '../intake/accepted-values.ts';

/**
 * When something happened, as it is kept: what lies a little ahead, because the sender's clock does, is taken for now. Refuses
 * what lies further ahead.
 */
export function requirePast(moment: Date, pointer: string, now: Date): Date {
  if (moment <= now) return moment;
  if (moment.getTime() <= now.getTime() + CLOCK_SKEW_MS) return now;
  throw new DomainError('invalid_request', 'What is reported has to have happened.', [
    { pointer, code: 'in_future', detail: 'must not be later than now' },
  ]);
}
