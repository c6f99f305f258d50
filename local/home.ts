import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf, StartFailure } from './start-failure.ts';

export type Home = ReturnType<typeof describeHome>;

/** Where everything of one home lies. Nothing is touched. */
export function describeHome(folder: string) {
  return {
    folder,
    lock: join(folder, 'lock'),
    runFile: join(folder, 'run.json'),
    adminKey: join(folder, 'admin.key'),
    programs: join(folder, 'bin'),
    logs: join(folder, 'logs'),
    postgres: describePostgresFolder(folder),
    temporal: describeTemporalFiles(folder),
  };
}

function describePostgresFolder(folder: string) {
  return {
    data: join(folder, 'postgres'),
    password: join(folder, 'postgres.password'),
    log: join(folder, 'logs', 'postgres.log'),
  };
}

function describeTemporalFiles(folder: string) {
  return {
    database: join(folder, 'temporal.db'),
    pid: join(folder, 'temporal.pid'),
    log: join(folder, 'logs', 'temporal.log'),
  };
}

/**
 * The home, with the folders that everything else expects. It holds keys and passwords: its owner alone may enter.
 * Fails when it cannot be written.
 */
export async function openHome(folder: string): Promise<Home> {
  const home = describeHome(folder);
  try {
    for (const each of [home.folder, home.logs]) await mkdir(each, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartFailure(
      `The home ${folder} cannot be used.`,
      reasonOf(error),
      'set LEADWARDEN_HOME to a folder that you may write, or free some space',
    );
  }
  return home;
}
