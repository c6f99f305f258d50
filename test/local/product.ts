import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describeHome, type Home } from '../../local/home.ts';
import { endProcess, isAlive } from '../../local/processes.ts';
import { readRunFile, type RunFacts } from '../../local/run-file.ts';
import { runFolder } from '../setup/suite.ts';

const START = fileURLToPath(new URL('../../local/start.ts', import.meta.url));
type ProcessName = 'api' | 'worker' | 'temporal' | 'postgres';

/** `npm start` as a child process. */
export interface Product {
  home: Home;
  supervisor: ChildProcess;
  output: () => string;
  /** Its exit code, when it ends. */
  ended: Promise<number | null>;
}

export async function newHome(): Promise<Home> {
  return describeHome(await mkdtemp(join(runFolder(), 'home-')));
}

/** Starts the product on a home, on free ports and without sample unless the environment says otherwise. */
export function launch(home: Home, environment: NodeJS.ProcessEnv = {}): Product {
  const ours = { LEADWARDEN_HOME: home.folder, LEADWARDEN_SAMPLE: 'none', PORT: '0', METRICS_PORT: '0' };
  const env = { ...process.env, ...ours, ...environment };
  const supervisor = spawn(process.execPath, [START], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer) => { output += chunk.toString(); };
  for (const stream of [supervisor.stdout, supervisor.stderr]) stream.on('data', collect);
  const ended = new Promise<number | null>((resolve) => supervisor.once('close', resolve));
  return { home, supervisor, output: () => output, ended };
}

/** What run.json says, once it is there. */
export async function untilReady({ home, supervisor, output }: Product): Promise<RunFacts> {
  for (;;) {
    const facts = await readRunFile(home.runFile);
    if (facts?.pid === supervisor.pid) return facts as RunFacts;
    if (supervisor.exitCode !== null) throw new Error(`it ended instead of coming up:\n${output()}`);
    await sleep(50);
  }
}

/** Tries until the answer is not undefined; what fails meanwhile is taken for "not yet". */
export async function eventually<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await attempt().catch(() => undefined);
    if (answer !== undefined) return answer;
    await sleep(50);
  }
}

/** The process numbers of everything that runs for a home, as they stand in its files. */
export async function pidsOf(home: Home): Promise<Record<ProcessName, number>> {
  const [api, worker, temporal, postgres] = await Promise.all([
    join(home.folder, 'api.pid'), join(home.folder, 'worker.pid'), home.temporal.pid, join(home.postgres.data, 'postmaster.pid'),
  ].map(async (file) => Number.parseInt(await readFile(file, 'utf8').catch(() => '0'), 10)));
  return { api, worker, temporal, postgres } as Record<ProcessName, number>;
}

/** Ends whatever still runs for a home. */
export async function cleanUp({ home, supervisor }: Product): Promise<void> {
  if (supervisor.pid !== undefined && supervisor.exitCode === null) supervisor.kill('SIGKILL');
  for (const pid of Object.values(await pidsOf(home))) {
    if (pid > 0 && (await isAlive(pid))) await endProcess(pid, [['SIGKILL', 5_000]]);
  }
}

/** A client of the API with the key of its run file: answers status and body. */
export function clientOf(facts: RunFacts) {
  return async (method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> => {
    const authorization = `Bearer ${(await readFile(facts.apiKeyFile, 'utf8')).trim()}`;
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { authorization, 'content-type': 'application/json' };
    const answer = await fetch(new URL(path, facts.api), { method, headers, ...content, signal: AbortSignal.timeout(10_000) });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
}
