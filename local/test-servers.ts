import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeHome, type Home, openHome } from './home.ts';
import { type Lock, tryLock } from './lock.ts';
import { endLeftoverPostgres, type PostgresServer, startPostgres } from './postgres.ts';
import { sendSignal } from './processes.ts';
import type { Say } from './progress.ts';
import { findTemporal } from './temporal-binary.ts';
import { endLeftoverTemporal, startTemporal, type TemporalServer } from './temporal-server.ts';

/** The servers of one test run, in a folder that is removed with them. */
export interface TestServers {
  folder: string;
  postgres: PostgresServer;
  temporal: TemporalServer;
  stop: () => Promise<void>;
}

const PREFIX = 'leadwarden-test-';
const YOUNG_MS = 60_000;

/** Starts a PostgreSQL and a Temporal server that forget everything, on free ports. Ends those of runs that were killed. */
export async function startTestServers(say: Say): Promise<TestServers> {
  await endForgottenRuns();
  const home = await openHome(await mkdtemp(join(tmpdir(), PREFIX)));
  const lock = tryLock(home.lock);
  try {
    const [postgres, temporal] = await startBoth(home, say);
    const stop = async () => {
      // Nothing of the Temporal server is kept, so it need not take its time to close.
      sendSignal(temporal.pid, 'SIGKILL');
      await Promise.all([postgres.stop(), temporal.exited]);
      await discard(home, lock);
    };
    return { folder: home.folder, postgres, temporal, stop };
  } catch (error) {
    await discard(home, lock);
    throw error;
  }
}

async function startBoth(home: Home, say: Say): Promise<[PostgresServer, TemporalServer]> {
  const starting = [startPostgres({ folder: home.postgres, durable: false }), startTestTemporal(home, say)] as const;
  const results = await Promise.allSettled(starting);
  const [postgres, temporal] = results;
  if (postgres.status === 'fulfilled' && temporal.status === 'fulfilled') return [postgres.value, temporal.value];
  for (const result of results) if (result.status === 'fulfilled') await result.value.stop();
  throw new AggregateError(results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : [])));
}

async function startTestTemporal(home: Home, say: Say): Promise<TemporalServer> {
  const cliPath = process.env.TEMPORAL_CLI_PATH;
  const program = await findTemporal({ fallbackFolder: join(tmpdir(), 'leadwarden'), say, ...(cliPath ? { cliPath } : {}) });
  const { log, pid: pidFile } = home.temporal;
  return startTemporal({ program, log, pidFile, namespace: 'default' });
}

async function discard(home: Home, lock: Lock | null): Promise<void> {
  lock?.release();
  await rm(home.folder, { recursive: true, force: true });
}

/** A run that was killed left its servers behind; nobody holds the lock of its folder any more. */
async function endForgottenRuns(): Promise<void> {
  for (const name of (await readdir(tmpdir())).filter((each) => each.startsWith(PREFIX))) {
    const home = describeHome(join(tmpdir(), name));
    const made = await stat(home.folder).then(({ mtimeMs }) => mtimeMs, () => Infinity);
    const lock = Date.now() - made < YOUNG_MS ? null : tryLock(home.lock);
    if (lock === null) continue;
    await endLeftoverPostgres(home.postgres.data);
    await endLeftoverTemporal({ pidFile: home.temporal.pid });
    await discard(home, lock);
  }
}
