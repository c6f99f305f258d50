import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { takeLock } from '../../local/lock.ts';
import { freePorts } from '../../local/ports.ts';
import { eventually } from './house.ts';

const run = promisify(execFile);
const REQUIREMENTS = join(import.meta.dirname, 'moto.txt');
const INSTALL_WITHIN_MS = 5 * 60_000;

/** An emulator of AWS on this machine, with KMS in it, which encrypts for real. */
export interface MotoServer {
  url: string;
  stop(): Promise<void>;
}

/** Starts moto, https://docs.getmoto.org, which is installed on first use. Needs Python 3. */
export async function startMoto(): Promise<MotoServer> {
  const python = await installed();
  const [port = 0] = await freePorts([0]);
  const child = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const isUp = await eventually(async () => (await fetch(`${url}/moto-api/data.json`).catch(() => null))?.ok);
  if (isUp) return { url, stop };
  await stop();
  throw new Error('moto does not answer');
}

/** The Python of an environment that has moto in it; kept for all runs of this user, made by one of them at a time. */
async function installed(): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'leadwarden');
  await mkdir(cache, { recursive: true });
  const folder = join(cache, `moto-${createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12)}`);
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const isWhole = join(folder, 'installed');
  const lock = await takeLock(`${folder}.lock`, INSTALL_WITHIN_MS);
  try {
    if (existsSync(isWhole)) return python;
    await rm(folder, { recursive: true, force: true });
    await run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', folder]);
    await run(python, ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-deps', '--quiet', '-r', REQUIREMENTS], { timeout: INSTALL_WITHIN_MS });
    await writeFile(isWhole, '');
    return python;
  } finally {
    lock?.release();
  }
}
