import { setInterval as everySoOften } from 'node:timers';
import { ApplicationFailure, Context } from '@temporalio/activity';
import { newId } from '../db/ids.ts';
import {
  closePass, countWaiting, giveUp, nextDueAt, takeLease, type EndpointWork, type Lease, type PassCounts,
} from '../db/webhook-work.ts';
import { plus } from '../domain/civil-time.ts';
import { MOST_COUNTED, type DeliveryPass } from '../domain/endpoint-card.ts';
import { GIVE_UP_AFTER, type AttemptFailure } from '../domain/endpoint-health.ts';
import { Pass, type PassDependencies } from './webhooks/pass.ts';

export type WebhookDependencies = PassDependencies;

const HEARTBEAT_MS = 3_000;
const MOST_GIVEN_UP = 10_000;
/**
 * Whoever publishes while an endpoint is left alone tells nobody, and may commit only after the pass that found it open again:
 * so it is looked at once more when the longest of those transactions is over.
 */
const LOOK_AGAIN_AFTER_MS = 35_000;

/** The activity behind the deliveries to an endpoint. It works for a while, and answers what it did and when to go on. */
export function createWebhookActivities(dependencies: WebhookDependencies) {
  return {
    async deliverDue(endpointId: string): Promise<DeliveryPass> {
      const { db, now } = dependencies;
      const lease = { endpointId, lease: newId() };
      const endpoint = await takeLease(db, lease);
      if (!endpoint) throw ApplicationFailure.nonRetryable('There is no endpoint of this id in the database.', 'unknown_endpoint');
      const counts = await whileAlive(() => workOn(dependencies, endpoint, lease));
      return summaryOf(dependencies, endpoint, await closePass(db, lease, counts), counts, now());
    },
  };
}

export type WebhookActivities = ReturnType<typeof createWebhookActivities>;

async function whileAlive<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beating = everySoOften(() => context.heartbeat(), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beating);
  }
}

async function workOn(dependencies: WebhookDependencies, endpoint: EndpointWork, lease: Lease): Promise<PassCounts> {
  const { db, now } = dependencies;
  const nothing = { delivered: 0, failed: 0, givenUp: 0 };
  if (endpoint.state === 'ended') return { ...nothing, givenUp: await giveUp(db, endpoint.id, null, now(), MOST_GIVEN_UP) };
  if (endpoint.state !== 'active') return nothing;
  const pass = new Pass(dependencies, endpoint, lease, Context.current().cancellationSignal);
  await pass.run();
  const tooOld = plus(now(), GIVE_UP_AFTER, -1);
  const isHopeless = endpoint.failingSince !== null && endpoint.failingSince <= tooOld && pass.counts.delivered === 0;
  const givenUp = isHopeless ? await giveUp(db, endpoint.id, tooOld, now(), MOST_GIVEN_UP) : 0;
  return { ...pass.counts, givenUp: pass.counts.givenUp + givenUp };
}

async function summaryOf(
  { db }: WebhookDependencies, before: EndpointWork, row: Awaited<ReturnType<typeof closePass>>, counts: PassCounts, at: Date,
): Promise<DeliveryPass> {
  const dueAt = row.state === 'active' ? await nextDueAt(db, row.id) : null;
  const nextAt = dueAt !== null && row.wait_until !== null && row.wait_until > dueAt ? row.wait_until : dueAt;
  const waiting = await countWaiting(db, row.id, MOST_COUNTED);
  return {
    state: row.state,
    ...counts,
    waiting,
    deliveredInAll: Number(row.delivered),
    failingSince: row.failing_since?.toISOString() ?? null,
    lastStatus: row.last_status,
    lastFailure: row.last_failure as AttemptFailure | null,
    nextAttemptAt: nextAt?.toISOString() ?? null,
    nextInMs: waitOf(before, row, waiting, nextAt, at),
  };
}

function waitOf(
  before: EndpointWork, { state, opened_at, wait_until }: { state: string; opened_at: Date | null; wait_until: Date | null },
  waiting: number, nextAt: Date | null, at: Date,
): number | null {
  if (state === 'ended') return waiting > 0 ? 0 : null;
  if (state !== 'active') return null;
  if (nextAt !== null) return Math.max(0, nextAt.getTime() - at.getTime());
  const wasLeftAlone = before.waitUntil !== null && wait_until === null;
  const wasJustOpened = opened_at !== null && at.getTime() - opened_at.getTime() < LOOK_AGAIN_AFTER_MS;
  return wasLeftAlone || wasJustOpened ? LOOK_AGAIN_AFTER_MS : null;
}
