import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { parse } from 'yaml';
import { readAdminKey } from '../../api/admin-key.ts';
import { loadConfig } from '../../config.ts';
import { readKeyFiles, readSigningSeeds } from '../../keys/key-files.ts';

const ROOT = join(import.meta.dirname, '../..');
const parent = mkdtempSync(join(tmpdir(), 'leadwarden-secrets-'));
const folder = join(parent, 'secrets');
afterAll(() => rmSync(parent, { recursive: true }));

const makeSecrets = () => execFileSync(process.execPath, [join(ROOT, 'local/compose/secrets.ts'), folder], { encoding: 'utf8' });
const contents = () => Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

describe('the secrets of a deployment with containers', () => {
  const output = makeSecrets();

  it('are those that docker-compose.yml asks for', () => {
    const { secrets } = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as { secrets: object };
    expect(readdirSync(folder).sort()).toEqual(Object.keys(secrets).sort());
  });

  it('can be read in a container by any user, and on this machine by nobody but their owner', () => {
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual(Array(8).fill(0o444));
  });

  it('are never shown', () => {
    for (const secret of Object.values(contents())) expect(output).not.toContain(secret.trim());
  });

  it('stay as they are when they are asked for again', () => {
    const before = contents();
    makeSecrets();
    expect(contents()).toEqual(before);
  });

  it('are keys and an API key as the product takes them', async () => {
    expect((await readKeyFiles(folder)).newestKek).toBe(1);
    expect([...(await readSigningSeeds(folder)).keys()]).toEqual([1]);
    expect(await readAdminKey(join(folder, 'admin.key'))).toBe(contents()['admin.key']?.trim());
  });
});

describe('a password in a file of its own', () => {
  it.each(['f00d', 'p@ss:w/rd?#', '100% %41 sûr'])('reaches PostgreSQL as it stands there: %s', (password) => {
    const file = join(parent, 'password');
    writeFileSync(file, `${password}\n`);
    const { databaseUrl } = loadConfig({ DATABASE_URL: 'postgres://leadwarden@postgres:5432/leadwarden', DATABASE_PASSWORD_FILE: file });
    expect(new pg.Client({ connectionString: databaseUrl }).password).toBe(password);
  });

  it('is not needed where the address holds one', () => {
    const url = 'postgres://leadwarden:known@127.0.0.1:5432/leadwarden';
    expect(loadConfig({ DATABASE_URL: url }).databaseUrl).toBe(url);
  });
});
