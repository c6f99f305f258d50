const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How long an event waits after each attempt that failed: three days in all, and then it is given up. */
const BACK_OFF_MS: readonly number[] = [
  5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS,
  12 * HOUR_MS, 12 * HOUR_MS, 12 * HOUR_MS, 12 * HOUR_MS, 12 * HOUR_MS,
];
/** How long an endpoint that is failing is left alone between single requests. */
const PROBES_MS: readonly number[] = [5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS];
/** Waits grow by up to this share by chance, so that what failed together does not come back together. */
const JITTER = 0.2;
const LONGEST_RETRY_AFTER_MS = 12 * HOUR_MS;
const FAILING_FROM = 3;

/** What waits untried for longer than this at an endpoint that fails for as long is given up: as long as attempts take. */
export const GIVE_UP_AFTER = 'P3D';

/** How an endpoint has been doing. */
export interface EndpointHealth {
  /** Failed requests since the last success that speak of the endpoint rather than of one message. */
  failures: number;
  /** Single requests that failed since it has been taken for failing. */
  probes: number;
  failingSince: Date | null;
  waitUntil: Date | null;
}

/** What an attempt came to. The words are ours: nothing that a server says is in them. */
export type AttemptFailure =
  | 'address_refused' | 'unreachable' | 'timed_out' | 'certificate_refused' | 'redirect_refused' | 'refused' | 'busy' | 'gone';
export type Attempt =
  | { isDelivered: true; status: number }
  | { isDelivered: false; failure: AttemptFailure; status: number | null; retryAfterMs: number | null };
export type FailedAttempt = Extract<Attempt, { isDelivered: false }>;

/** A number in [0, 1). */
export type Chance = () => number;

export const HEALTHY: EndpointHealth = { failures: 0, probes: 0, failingSince: null, waitUntil: null };

/** When an event is tried again after so many attempts in a row failed; null when it is given up. */
export function nextAttemptAt(failed: number, { retryAfterMs }: FailedAttempt, now: Date, chance: Chance): Date | null {
  const wait = BACK_OFF_MS[failed - 1];
  return wait === undefined ? null : later(now, Math.max(jittered(wait, chance), longest(retryAfterMs)));
}

/**
 * What a failed attempt says of the endpoint. An answer to one message speaks of that message, and counts the first time only:
 * one event that a receiver cannot take must not keep the others waiting.
 */
export function afterFailure(
  health: EndpointHealth, failed: number, attempt: FailedAttempt, now: Date, chance: Chance,
): EndpointHealth {
  const asked = attempt.retryAfterMs === null ? null : later(now, longest(attempt.retryAfterMs));
  const isItsOwn = attempt.failure === 'refused' && failed > 1;
  if (health.failingSince === null) {
    const failures = health.failures + (isItsOwn ? 0 : 1);
    if (failures < FAILING_FROM) return { ...health, failures, waitUntil: latestOf(health.waitUntil, asked) };
    return { failures, probes: 0, failingSince: now, waitUntil: latestOf(later(now, waitOf(0, chance)), asked) };
  }
  // Requests that were under way when it began to fail say nothing new.
  if (health.waitUntil !== null && health.waitUntil > now) return { ...health, waitUntil: latestOf(health.waitUntil, asked) };
  const probes = health.probes + 1;
  return { ...health, failures: health.failures + 1, probes, waitUntil: latestOf(later(now, waitOf(probes, chance)), asked) };
}

function waitOf(probes: number, chance: Chance): number {
  return jittered(PROBES_MS[Math.min(probes, PROBES_MS.length - 1)] ?? HOUR_MS, chance);
}

function jittered(wait: number, chance: Chance): number {
  return Math.round(wait * (1 + JITTER * chance()));
}

function longest(retryAfterMs: number | null): number {
  return Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
}

function later(now: Date, ms: number): Date {
  return new Date(now.getTime() + ms);
}

function latestOf(one: Date | null, other: Date | null): Date | null {
  return one === null || (other !== null && other > one) ? other : one;
}
