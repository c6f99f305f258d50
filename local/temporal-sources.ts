import { execFile, spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Say, tellProgress } from './progress.ts';
import { sendSignal } from './processes.ts';
import { reasonOf } from './start-failure.ts';
import { TEMPORAL_MODULE, temporalVersion } from './temporal-version.ts';

const run = promisify(execFile);

/** What our own way of starting the server asks of the program; older ones lack some of it. */
const NEEDED_FLAGS = [
  '--db-filename', '--ui-port', '--http-port', '--metrics-port', '--search-attribute', '--ui-disable-news-fetch',
];

/** A download that has not begun after this time has failed: no internet, or a network that swallows connections. */
const BEGIN_MS = 10_000;
const STALL_MS = 60_000;

/** What a download or a build needs to know of its surroundings. */
export interface Circumstances {
  say: Say;
  signal?: AbortSignal | undefined;
  environment: NodeJS.ProcessEnv;
}

/** Makes sure that a program is a Temporal program new enough for us; throws an error that says why not. */
export async function checkTemporal(path: string): Promise<void> {
  const { stdout } = await run(path, ['server', 'start-dev', '--help'], { timeout: 20_000 });
  const missing = NEEDED_FLAGS.filter((flag) => !stdout.includes(flag));
  if (missing.length > 0) throw new Error(`${path} is too old or something else: it does not know ${missing.join(', ')}`);
}

/**
 * Downloads the program, or builds it where that fails, and puts it in its place whole; what did not work is added to
 * `tried`. The caller holds the lock of the place, so what lies half made beside it belongs to somebody who was killed.
 */
export async function fetchTemporal(target: string, circumstances: Circumstances, tried: string[]): Promise<void> {
  await removeHalfMade(target);
  const folder = await mkdtemp(`${target}.`);
  try {
    const made = await download(folder, circumstances).catch((error: unknown) => {
      circumstances.signal?.throwIfAborted();
      tried.push(`download: ${reasonOf(error)}`);
      return build(folder, circumstances);
    });
    await checkTemporal(made);
    await rename(made, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function removeHalfMade(target: string): Promise<void> {
  const [folder, name] = [dirname(target), basename(target)];
  const halfMade = (await readdir(folder)).filter((each) => each.startsWith(`${name}.`) && each !== `${name}.lock`);
  for (const each of halfMade) await rm(join(folder, each), { recursive: true, force: true });
}

async function download(folder: string, { say, signal, environment }: Circumstances): Promise<string> {
  const script = fileURLToPath(new URL('temporal-download.ts', import.meta.url));
  const stalled = new AbortController();
  const watch = watchGrowth(folder, () => stalled.abort());
  try {
    const work = () => runToEnd(process.execPath, [script, folder, temporalVersion()], {
      env: environment,
      signal: AbortSignal.any([stalled.signal, ...(signal ? [signal] : [])]),
    });
    await tellProgress(say, 'Downloading the Temporal server', work, 'less than a minute');
  } catch (error) {
    if (stalled.signal.aborted) throw new Error('temporal.download did not answer, or stopped half way', { cause: error });
    throw error;
  } finally {
    clearInterval(watch);
  }
  const [file] = (await readdir(folder)).filter((name) => name.startsWith('temporal'));
  if (file === undefined) throw new Error('it left no program');
  return join(folder, file);
}

async function build(folder: string, { say, signal, environment }: Circumstances): Promise<string> {
  const program = join(folder, 'temporal');
  const flags = ['-trimpath', '-ldflags', '-s -w', '-o', program];
  const work = () => runToEnd('go', ['build', ...flags, 'github.com/temporalio/cli/cmd/temporal'], {
    cwd: fileURLToPath(TEMPORAL_MODULE),
    env: { ...environment, CGO_ENABLED: '0' },
    signal,
  });
  await tellProgress(say, 'Building the Temporal server from its source, only this once', work, 'about five minutes')
    .catch((error: unknown) => {
      const { code } = error as NodeJS.ErrnoException;
      throw new Error(`build: ${code === 'ENOENT' ? 'there is no program called go on the PATH' : reasonOf(error)}`);
    });
  await chmod(program, 0o755);
  return program;
}

function watchGrowth(folder: string, onStall: () => void): NodeJS.Timeout {
  let [size, since] = [0, Date.now()];
  const look = async () => {
    const now = await folderSize(folder);
    if (now !== size) [size, since] = [now, Date.now()];
    else if (Date.now() - since > (size === 0 ? BEGIN_MS : STALL_MS)) onStall();
  };
  return setInterval(() => void look(), 500);
}

async function folderSize(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).then(({ size }) => size, () => 0)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

interface RunOptions {
  cwd?: string;
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
}

/** Runs a program with everything that it starts; its last words are the error's when it fails. */
async function runToEnd(program: string, args: string[], { signal, ...options }: RunOptions): Promise<void> {
  signal?.throwIfAborted();
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const end = () => child.pid !== undefined && sendSignal(-child.pid, 'SIGKILL');
  signal?.addEventListener('abort', end, { once: true });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => { words = (words + chunk.toString()).slice(-2_000); });
  try {
    const code = await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
    if (code !== 0) throw new Error(lastWords(words) ?? `${program} ended with code ${String(code)}`);
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

function lastWords(words: string): string | undefined {
  const lines = words.split('\n').map((line) => line.trim()).filter(Boolean);
  return lines.find((line) => /error/i.test(line)) ?? lines.at(-1);
}
