import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { commandLine, endProcess, isAlive, type Persuasion } from './processes.ts';
import { StartFailure } from './start-failure.ts';
import type { Running } from './supervisor.ts';

/** The addresses that a process says it can be reached at. */
export interface Urls {
  api?: string;
  metrics?: string;
}

/** One of our own processes: api or worker. */
export interface OwnProcess extends Running {
  urls: Urls;
}

export interface OwnProcessOptions {
  name: string;
  /** The program's file, below the root of this project. */
  script: string;
  /** The home it works for. It goes on the command line, where a later start and a person with `ps` can see it. */
  home: string;
  pidFile: string;
  environment: NodeJS.ProcessEnv;
  onLine: (line: string) => void;
  signal: AbortSignal;
}

const READY_WITHIN_MS = 60_000;
const LAST_LINES = 5;

/** In-flight work is finished first; that takes seconds. */
const PERSUASION: Persuasion = [['SIGTERM', 40_000], ['SIGKILL', 5_000]];

/**
 * Starts api or worker and answers when it says that it is ready. It has a channel to us: should we be killed, it notices
 * and stops by itself.
 */
export async function startOwnProcess(options: OwnProcessOptions): Promise<OwnProcess> {
  options.signal.throwIfAborted();
  const child = fork(fileURLToPath(new URL(`../${options.script}`, import.meta.url)), [options.home], {
    env: options.environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  const running = follow(child, options.pidFile);
  await writeFile(options.pidFile, String(running.pid));
  const lastLines = passLines(child, options.onLine);
  try {
    return Object.assign(running, { urls: await untilReady(child, options.signal) });
  } catch (error) {
    await running.stop();
    options.signal.throwIfAborted();
    const why = [(error as Error).message, ...lastLines].join('\n');
    throw new StartFailure(`The ${options.name} did not start.`, why, 'the last lines above are its own; correct what they name');
  }
}

/** Ends what a killed run left of one of our processes, once it has had time to end by itself. */
export async function endLeftoverProcess(options: Pick<OwnProcessOptions, 'script' | 'home' | 'pidFile'>): Promise<void> {
  const pid = Number(await readFile(options.pidFile, 'utf8').catch(() => ''));
  if (!pid || !(await isAlive(pid))) return;
  if ((await commandLine(pid)).endsWith(`${options.script} ${options.home}`)) await endProcess(pid, PERSUASION);
}

function follow(child: ChildProcess, pidFile: string): Running {
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: 1, signal: null }));
  });
  const pid = child.pid ?? 0;
  const stop = async () => {
    const runs = child.exitCode === null && child.signalCode === null && pid !== 0;
    if (runs && (await endProcess(pid, PERSUASION))) await exited;
    await rm(pidFile, { force: true });
  };
  return { pid, exited, stop };
}

function passLines(child: ChildProcess, onLine: (line: string) => void): string[] {
  const last: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    if (input === null) continue;
    createInterface({ input }).on('line', (line) => {
      last.push(line);
      if (last.length > LAST_LINES) last.shift();
      onLine(line);
    });
  }
  return last;
}

async function untilReady(child: ChildProcess, signal: AbortSignal): Promise<Urls> {
  const done = new AbortController();
  const over = AbortSignal.any([done.signal, signal, AbortSignal.timeout(READY_WITHIN_MS)]);
  const ready = once(child, 'message', { signal: over }).then(([message]) => (message as { urls?: Urls }).urls ?? {});
  const ended = once(child, 'exit', { signal: over }).then(([code, killed]) => {
    throw new Error(`it ended with ${killed ?? `code ${code}`}`);
  });
  try {
    return await Promise.race([ready, ended]);
  } catch (error) {
    throw over.aborted ? new Error(`it was not ready within ${READY_WITHIN_MS / 1000} s`) : error;
  } finally {
    done.abort();
  }
}
