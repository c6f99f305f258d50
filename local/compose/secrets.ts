import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { createAdminKeyFile } from '../../api/admin-key.ts';
import { createKeyFiles } from '../../keys/key-files.ts';

const PASSWORDS = ['postgres.password', 'database.password', 'temporal.password'];

// Makes the secrets of docker-compose.yml, each in a file of its own, in the folder named or in secrets/. What is there is
// left alone: a new key would make everything unreadable that the old one has sealed.
const folder = resolve(process.argv[2] ?? join(import.meta.dirname, '../../secrets'));
await mkdir(folder, { recursive: true, mode: 0o700 });
await createKeyFiles(folder);
await createAdminKeyFile(join(folder, 'admin.key'));
for (const name of PASSWORDS) await createPassword(join(folder, name));
// Containers read them as users of their own; on this machine the folder keeps everybody else out.
for (const name of await readdir(folder)) await chmod(join(folder, name), 0o444);
console.log(`The secrets are in ${relative('', folder)}. Keep a copy of the keys in another place:`);
console.log('without backup-1.key, kek-1.key and token.key no backup can be read.');

async function createPassword(path: string): Promise<void> {
  if (existsSync(path)) return;
  await writeFile(path, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
}
