import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrateToLatest } from '../../db/migrate.ts';
import { sendSignal } from '../../local/processes.ts';
import { startTestServers, type TestServers } from '../../local/test-servers.ts';
import { cachedWorkflowBundle } from '../../worker/bundle.ts';
import { endProcessesOf } from './leaks.ts';

let servers: TestServers | undefined;

/** Starts what all suites share and tells them by environment variables, which the workers of jest inherit. */
export async function startSharedServers(): Promise<void> {
  servers = await startTestServers((line) => console.error(line));
  endWithUs(servers);
  const bundle = join(servers.folder, 'workflows.js');
  await Promise.all([migrateToLatest(servers.postgres.url), bundleWorkflows(bundle)]);
  process.env.LEADWARDEN_TEST_FOLDER = servers.folder;
  process.env.LEADWARDEN_TEST_DATABASE = servers.postgres.url;
  process.env.LEADWARDEN_TEST_TEMPORAL = servers.temporal.address;
  process.env.LEADWARDEN_TEST_BUNDLE = bundle;
}

/** Ends them, and fails when a suite left a process behind. */
export async function stopSharedServers(): Promise<void> {
  if (servers === undefined) return;
  const running = servers;
  servers = undefined;
  await running.stop();
  const leaked = await endProcessesOf(running.folder);
  if (leaked.length > 0) throw new Error(`Tests left processes behind, which are ended now:\n${leaked.join('\n')}`);
}

/** A copy of its own: a run that starts later may have changed the sources and replace the bundle. */
async function bundleWorkflows(file: string): Promise<void> {
  const cache = fileURLToPath(new URL('../../node_modules/.cache/leadwarden', import.meta.url));
  await copyFile(await cachedWorkflowBundle(cache), file);
}

/** Jest does not tear down what a signal or a failed set-up interrupts. */
function endWithUs({ postgres, temporal }: TestServers): void {
  process.once('exit', () => {
    if (servers === undefined) return;
    sendSignal(postgres.pid, 'SIGQUIT');
    sendSignal(temporal.pid, 'SIGKILL');
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stopSharedServers().finally(() => process.exit(1)));
  }
}
