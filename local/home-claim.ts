import { setTimeout as sleep } from 'node:timers/promises';
import type { Home } from './home.ts';
import { type Lock, tryLock } from './lock.ts';
import { type Say, tellProgress } from './progress.ts';
import { readRunFile } from './run-file.ts';
import { StartFailure } from './start-failure.ts';

const WAIT_MS = 20_000;
const ADVICE = 'use that one, stop it first (Ctrl-C or SIGTERM), or set LEADWARDEN_HOME to another folder';

/**
 * Takes the home for this process alone. One that is just stopping is waited for; one that runs and answers is a failure at
 * once that says where it is.
 */
export async function claimHome(home: Home, say: Say, signal: AbortSignal): Promise<Lock> {
  return tellProgress(say, 'Waiting for another start on this home, which is coming up or stopping', () => wait(home, signal));
}

async function wait(home: Home, signal: AbortSignal): Promise<Lock> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const lock = tryLock(home.lock);
    if (lock !== null) return lock;
    const other = await readRunFile(home.runFile);
    if (other !== undefined && (await answers(other.api))) {
      const why = `its API is at ${other.api}, its process is ${other.pid}`;
      throw new StartFailure(`Leadwarden already runs on ${home.folder}.`, why, ADVICE);
    }
    if (Date.now() > deadline) throw new StartFailure(`The home ${home.folder} is in use.`, 'another start holds it', ADVICE);
    await sleep(200, undefined, { signal });
  }
}

async function answers(api: string): Promise<boolean> {
  return fetch(new URL('/healthz', api), { signal: AbortSignal.timeout(2_000) }).then(({ ok }) => ok, () => false);
}
