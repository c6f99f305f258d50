import { spawnSync } from 'node:child_process';
import { constants, accessSync, mkdirSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, type Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const ADVICE = 'The pages for persons are tested in a real browser: install Chromium, or say where it is with CHROMIUM_PATH.';
const STALE_LOCK_MS = 600_000;

/** A real headless Chromium: the one of this machine, or where we may, one that is installed now. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium() ?? (await installChromium());
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

function findChromium(): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const places = [process.env.CHROMIUM_PATH, ...folders.flatMap((folder) => NAMES.map((name) => join(folder, name)))];
  return places.find((place) => place !== undefined && isProgram(place)) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Suites run beside each other: the first one installs it, under a lock that is a folder, and the others wait. */
async function installChromium(): Promise<string> {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) throw new Error(ADVICE);
  const lock = join(tmpdir(), 'leadwarden-chromium.lock');
  while (!taken(lock)) {
    if (Date.now() - statSync(lock).mtimeMs > STALE_LOCK_MS) rmdirSync(lock);
    await pause(500);
  }
  try {
    if (findChromium() === null) {
      console.error('Installing Chromium with apt-get, for the tests of the pages for persons.');
      for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) spawnSync('apt-get', args, { stdio: 'ignore' });
    }
  } finally {
    rmdirSync(lock);
  }
  const found = findChromium();
  if (found === null) throw new Error(ADVICE);
  return found;
}

function taken(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}
