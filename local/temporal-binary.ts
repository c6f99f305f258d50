import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { takeLock } from './lock.ts';
import { type Say, tellProgress } from './progress.ts';
import { reasonOf, StartFailure } from './start-failure.ts';
import { checkTemporal, type Circumstances, fetchTemporal } from './temporal-sources.ts';
import { temporalVersion } from './temporal-version.ts';

export interface TemporalWish {
  /** The program to use, whatever else there is (TEMPORAL_CLI_PATH). */
  cliPath?: string | undefined;
  /** A folder that surely can be written, for a machine that has no place for caches. */
  fallbackFolder: string;
  say: Say;
  signal?: AbortSignal | undefined;
  environment?: NodeJS.ProcessEnv;
}

/** Another start may be building it at this moment; that takes minutes. */
const BUILD_WAIT_MS = 20 * 60_000;

const ADVICE = `do one of these, then start again:
- install the temporal program (https://docs.temporal.io/cli) so that it is on the PATH, or set TEMPORAL_CLI_PATH to it
- set TEMPORAL_ADDRESS to a Temporal server that already runs
- install Go (https://go.dev/dl) so that it can be built here`;

/**
 * The path of a program that can run a Temporal server: the one asked for, else one on the PATH, else one kept from last
 * time, else a new one, which is kept for all homes of this user. Failing that, says what was tried and what to do.
 */
export async function findTemporal(wish: TemporalWish): Promise<string> {
  const environment = wish.environment ?? process.env;
  if (wish.cliPath !== undefined) return useGiven(wish.cliPath);
  const tried: string[] = [];
  const onPath = await searchPath(environment.PATH ?? '', tried);
  if (onPath !== undefined) return onPath;
  const folder = await cacheFolder(environment, wish.fallbackFolder);
  const kept = join(folder, fileName());
  if (!(await isProgram(kept))) await make(kept, { ...wish, environment }, tried);
  return kept;
}

async function make(kept: string, wish: TemporalWish & Circumstances, tried: string[]): Promise<void> {
  tried.push(`kept from last time: there is none in ${dirname(kept)}`);
  const waiting = () => takeLock(`${kept}.lock`, BUILD_WAIT_MS, wish.signal);
  const lock = await tellProgress(wish.say, 'Waiting for another start that makes the Temporal server', waiting, 'a few minutes');
  try {
    if (lock === null) throw new Error(`another start has been making it for too long: ${kept}.lock`);
    if (!(await isProgram(kept))) await fetchTemporal(kept, wish, tried);
  } catch (error) {
    wish.signal?.throwIfAborted();
    throw new StartFailure('There is no Temporal server to start.', [...tried, reasonOf(error)].join('\n'), ADVICE);
  } finally {
    lock?.release();
  }
}

function fileName(): string {
  return `temporal-${temporalVersion()}${process.platform === 'win32' ? '.exe' : ''}`;
}

async function useGiven(path: string): Promise<string> {
  await checkTemporal(path).catch((error: unknown) => {
    throw new StartFailure(
      'The Temporal program that TEMPORAL_CLI_PATH names cannot be used.',
      reasonOf(error),
      'set TEMPORAL_CLI_PATH to a temporal program that runs here, or leave it out to have one found or made',
    );
  });
  return path;
}

async function searchPath(path: string, tried: string[]): Promise<string | undefined> {
  const name = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const candidate = join(folder, name);
    if (!(await isProgram(candidate))) continue;
    try {
      await checkTemporal(candidate);
      return candidate;
    } catch (error) {
      tried.push(`${candidate}: ${reasonOf(error)}`);
    }
  }
  if (tried.length === 0) tried.push('on the PATH: there is no program called temporal');
  return undefined;
}

async function cacheFolder(environment: NodeJS.ProcessEnv, fallback: string): Promise<string> {
  const folder = join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'leadwarden');
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return folder;
  } catch {
    await mkdir(fallback, { recursive: true });
    return fallback;
  }
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(() => true, () => false);
}
