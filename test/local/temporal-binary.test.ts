import { beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findTemporal } from '../../local/temporal-binary.ts';
import { reasonOf } from '../../local/start-failure.ts';
import { temporalVersion } from '../../local/temporal-version.ts';
import { runFolder } from '../setup/suite.ts';

const FLAGS = '--db-filename --ui-port --http-port --metrics-port --search-attribute --ui-disable-news-fetch';
const KEPT = `temporal-${temporalVersion()}`;

let folder: string;
let said: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(runFolder(), 'temporal-'));
  said = [];
});

/** A program that knows these flags, as far as its help says. */
async function program(path: string, flags = FLAGS): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho ${flags}\n`, { mode: 0o755 });
  return path;
}

const COMPILES = `while [ "$1" != -o ]; do shift; done; sleep 0.5; printf '#!/bin/sh\\necho ${FLAGS}\\n' > "$2"`;

/** A stand-in for the Go compiler: writes down that it ran and leaves what is asked for with -o. */
async function compiler(script = COMPILES): Promise<void> {
  await mkdir(join(folder, 'path'), { recursive: true });
  await writeFile(join(folder, 'path', 'go'), `#!/bin/sh\necho x >> ${folder}/builds\n${script}\n`, { mode: 0o755 });
}

function find(cliPath?: string, signal?: AbortSignal): Promise<string> {
  const environment = {
    PATH: `${folder}/path:/usr/bin:/bin`,
    XDG_CACHE_HOME: join(folder, 'cache'),
    // No way to the internet, wherever this runs.
    HTTPS_PROXY: 'http://127.0.0.1:9',
  };
  return findTemporal({ cliPath, fallbackFolder: join(folder, 'home'), say: (line) => said.push(line), signal, environment });
}

describe('the Temporal program', () => {
  it('is the one that TEMPORAL_CLI_PATH names, before one on the PATH', async () => {
    await program(join(folder, 'path', 'temporal'));
    const given = await program(join(folder, 'mine'));
    expect(await find(given)).toBe(given);
  });

  it('is not replaced by another when the one that TEMPORAL_CLI_PATH names does not run', async () => {
    await program(join(folder, 'path', 'temporal'));
    await expect(find(join(folder, 'nowhere'))).rejects.toThrow(/TEMPORAL_CLI_PATH[^]*why: [^]*what to do: /);
  });

  it('is the one on the PATH, before one kept from last time', async () => {
    await program(join(folder, 'cache', 'leadwarden', KEPT));
    const onPath = await program(join(folder, 'path', 'temporal'));
    expect(await find()).toBe(onPath);
  });

  it('is the one kept from last time when the one on the PATH is too old', async () => {
    await program(join(folder, 'path', 'temporal'), '--db-filename');
    const kept = await program(join(folder, 'cache', 'leadwarden', KEPT));
    expect(await find()).toBe(kept);
  });

  it('is built where it cannot be downloaded, once for all who ask, and kept', async () => {
    await compiler();
    const kept = join(folder, 'cache', 'leadwarden', KEPT);
    expect(await Promise.all([find(), find()])).toEqual([kept, kept]);
    expect(await find()).toBe(kept);
    expect(await readFile(join(folder, 'builds'), 'utf8')).toBe('x\n');
    expect((await readdir(join(folder, 'cache', 'leadwarden'))).sort()).toEqual([KEPT, `${KEPT}.lock`]);
  });

  it('is kept in the home when there is no place for caches', async () => {
    await compiler();
    await writeFile(join(folder, 'cache'), 'a file, not a folder');
    expect(await find()).toBe(join(folder, 'home', KEPT));
  });

  it('removes what a killed start left half made', async () => {
    await compiler();
    await mkdir(join(folder, 'cache', 'leadwarden', `${KEPT}.Xy12z`), { recursive: true });
    await find();
    await expect(stat(join(folder, 'cache', 'leadwarden', `${KEPT}.Xy12z`))).rejects.toThrow('ENOENT');
  });

  it('is missed with all that was tried, why it failed and what to do', async () => {
    await program(join(folder, 'path', 'temporal'), '--db-filename');
    await compiler('echo "go: error: no space left" >&2; exit 1');
    const failure = await find().catch(reasonOf);
    expect(failure).toMatch(/path\/temporal: [^]*too old[^]*kept from last time: [^]*download: [^]*build: [^]*no space left/);
    expect(failure).toMatch(/what to do: [^]*TEMPORAL_CLI_PATH[^]*TEMPORAL_ADDRESS[^]*Go/);
  });

  it('is not waited for when the start is called off', async () => {
    await compiler('exec sleep 60');
    await expect(find(undefined, AbortSignal.timeout(1_500))).rejects.toThrow(/aborted/i);
    expect(await readdir(join(folder, 'cache', 'leadwarden'))).toEqual([`${KEPT}.lock`]);
  });
});
