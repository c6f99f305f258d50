import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Account, PostgresPrograms } from './postgres-programs.ts';
import { reasonOf, StartFailure } from './start-failure.ts';

const run = promisify(execFile);

/** The one user and the one database of an embedded PostgreSQL. */
export const POSTGRES_USER = 'leadwarden';

/** Where a cluster lies: its data, the password of its user, its log. */
export interface ClusterFolder {
  data: string;
  password: string;
  log: string;
}

/** How one of PostgreSQL's programs is run on a data folder: the arguments that name the folder, and the spawn options. */
export function onData(data: string, account: Account | undefined) {
  // A home may lie below folders that PostgreSQL's user cannot enter. We can: the program starts inside of its data folder.
  const inside = account !== undefined && process.platform === 'linux';
  return { dataArguments: ['-D', inside ? '/proc/self/cwd' : data], options: { ...account, cwd: data, env: cleanEnvironment() } };
}

/**
 * The password of the cluster. The cluster is made first where there is none: beside its place and then moved there, so
 * that one whose making was interrupted is never taken for whole.
 */
export async function prepareCluster(folder: ClusterFolder, programs: PostgresPrograms, durable: boolean): Promise<string> {
  if (await exists(join(folder.data, 'PG_VERSION'))) return readPassword(folder);
  await rm(folder.password, { force: true });
  const staging = `${folder.data}.new`;
  try {
    await rm(staging, { recursive: true, force: true });
    const password = await initialise(staging, programs, durable);
    await writeFile(folder.password, password, { mode: 0o600, flush: true });
    await rename(join(staging, 'data'), folder.data);
    return password;
  } catch (error) {
    throw new StartFailure(
      `A new database could not be made in ${dirname(folder.data)}.`,
      initdbReason(error),
      'see that the disk has 100 MB to spare and that the folder may be written, then start again',
    );
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function initialise(staging: string, programs: PostgresPrograms, durable: boolean): Promise<string> {
  const data = join(staging, 'data');
  const passwordFile = join(staging, 'password');
  const password = randomBytes(24).toString('base64url');
  await mkdir(data, { recursive: true, mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  const { account } = programs;
  if (account) for (const path of [staging, data, passwordFile]) await chown(path, account.uid, account.gid);
  const { dataArguments, options } = onData(data, account);
  await run(programs.initdb, [...dataArguments, ...initArguments, ...(durable ? [] : ['--no-sync'])], options);
  return password;
}

// Text is compared byte by byte: indexes are fast and never depend on the machine's language files. Where people's order
// matters, a query names an ICU collation.
const initArguments = [
  `--username=${POSTGRES_USER}`,
  '--pwfile=../password',
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-instructions',
];

async function readPassword(folder: ClusterFolder): Promise<string> {
  return readFile(folder.password, 'utf8').catch((error: unknown) => {
    throw new StartFailure(
      'The password of the embedded PostgreSQL is gone.',
      reasonOf(error),
      `put ${folder.password} back from a backup, or move ${folder.data} away to start with an empty store`,
    );
  });
}

function initdbReason(error: unknown): string {
  const { stderr } = error as { stderr?: string };
  return stderr?.trim() || reasonOf(error);
}

/** Our own environment without the variables that would steer PostgreSQL from outside. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PG') && !name.startsWith('LC_'));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}
