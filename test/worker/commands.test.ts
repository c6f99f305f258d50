import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { runFolder } from '../setup/suite.ts';

const nowhere = join(runFolder(), 'no-such-folder');
const DATABASE_URL = 'postgres://nobody@127.0.0.1:1/none';
const away = { DATABASE_URL, LEADWARDEN_KEYS: nowhere };

describe('what a person types at a terminal', () => {
  test.each([
    ['a backup without a folder', 'backup', [], {}, 2, 'Name the folder'],
    ['a backup with an option that is not known', 'backup', ['--hlep'], away, 2, '--hlep'],
    ['a backup without its database', 'backup', [nowhere], {}, 1, 'DATABASE_URL'],
    ['a backup without keys', 'backup', [nowhere], away, 1, 'No backup key'],
    ['a call for help about restoring', 'restore', ['--help'], {}, 0, 'npm run restore -- '],
    ['two backups to be restored', 'restore', [nowhere, nowhere], away, 2, 'Name one'],
    ['a restore whose database does not answer', 'restore', [nowhere], away, 1, 'ECONNREFUSED'],
    ['a test restore of nothing', 'verify', [], away, 2, 'Name the backup'],
  ])('is answered in words: %s', (_what, command, args, env, code, says) => {
    const program = join(import.meta.dirname, `../../worker/${command}-main.ts`);
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', env, cwd: runFolder() });
    expect([status, stdout + stderr]).toEqual([code, expect.stringContaining(says)]);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
