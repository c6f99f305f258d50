import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrateToLatest } from '../../db/migrate.ts';
import { sendSignal } from '../../local/processes.ts';
import { startTestServers, type TestServers } from '../../local/test-servers.ts';

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

/** Ends them. */
export async function stopSharedServers(): Promise<void> {
  const running = servers;
  servers = undefined;
  await running?.stop();
}

async function bundleWorkflows(file: string): Promise<void> {
  const module = new URL('../../worker/bundle.ts', import.meta.url);
  if (!existsSync(module)) return;
  const { buildWorkflowBundle } = (await import(module.href)) as { buildWorkflowBundle(): Promise<{ code: string }> };
  await writeFile(file, (await buildWorkflowBundle()).code);
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
