import { setTimeout as pause } from 'node:timers/promises';
import { ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Db } from '../db/connection.ts';
import { listFetches, type KeptFetch } from '../db/dnc-fetches.ts';
import { exactMs } from '../domain/local-time.ts';
import { LIST_FETCH_WORKFLOW } from '../workflows/messages.ts';

interface ScheduleDependencies {
  client: Client;
  db: Db;
  taskQueue: string;
}

const MOST_FETCHES = 10_000;
const EVERY_MS = 60_000;

/**
 * Makes the schedules in Temporal what the fetches in the database say: those that lack are made, and run once right away;
 * those without a fetch go. What operators did to one that is there, such as pausing it, stays.
 */
export async function reconcileFetchSchedules({ client, db, taskQueue }: ScheduleDependencies): Promise<void> {
  const prefix = `${LIST_FETCH_WORKFLOW}/${taskQueue}/`;
  const wanted = new Map((await listFetches(db, null, MOST_FETCHES)).map((fetch) => [prefix + fetch.id, fetch]));
  const there = new Set<string>();
  for await (const { scheduleId } of client.schedule.list()) {
    if (scheduleId.startsWith(prefix)) there.add(scheduleId);
  }
  for (const [scheduleId, fetch] of wanted) if (!there.has(scheduleId)) await create(client, scheduleId, taskQueue, fetch);
  for (const scheduleId of there) if (!wanted.has(scheduleId)) await remove(client, scheduleId);
}

/** Does that at once and every minute. While Temporal or PostgreSQL is away it goes on trying. */
export function keepFetchSchedules(dependencies: ScheduleDependencies & { log: Logger }): { stop(): Promise<void> } {
  const ending = new AbortController();
  const running = repeat(dependencies, ending.signal);
  return {
    async stop() {
      ending.abort();
      await running;
    },
  };
}

async function repeat({ log, ...dependencies }: ScheduleDependencies & { log: Logger }, ending: AbortSignal): Promise<void> {
  let failures = 0;
  while (!ending.aborted) {
    await reconcileFetchSchedules(dependencies).then(
      () => (failures = 0),
      (error: unknown) => {
        failures += 1;
        if (failures === 1) log.warn({ reason: error instanceof Error ? error.name : 'unknown' }, 'the schedules of fetches cannot be set');
      },
    );
    await pause(EVERY_MS, undefined, { signal: ending }).catch(() => undefined);
  }
}

async function create(client: Client, scheduleId: string, taskQueue: string, { id, list, when }: KeptFetch): Promise<void> {
  await client.schedule
    .create({
      scheduleId,
      spec: 'cron' in when ? { cronExpressions: [when.cron] } : { intervals: [{ every: exactMs(when.every) }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1h' },
      state: { triggerImmediately: true, note: `Fetches files of ${list}` },
      action: {
        type: 'startWorkflow',
        workflowType: LIST_FETCH_WORKFLOW,
        workflowId: `list-fetch/${id}`,
        taskQueue,
        staticSummary: `Fetches files of ${list}`,
        args: [id],
      },
    })
    .catch((error: unknown) => {
      // The list of schedules lags behind a little.
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    });
}

async function remove(client: Client, scheduleId: string): Promise<void> {
  await client.schedule.getHandle(scheduleId).delete().catch((error: unknown) => {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  });
}
