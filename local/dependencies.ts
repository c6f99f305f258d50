import { createAdminKeyFile } from '../api/admin-key.ts';
import { migrateToLatest } from '../db/migrate.ts';
import { createKeyFiles } from '../keys/key-files.ts';
import { type KeyStoreSettings, openKeyStore } from '../keys/stores.ts';
import type { Home } from './home.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';
import { type Say, tellProgress } from './progress.ts';
import { allOver, type Stack } from './stack.ts';
import { reasonOf, StartFailure } from './start-failure.ts';
import { superviseService } from './supervisor.ts';
import { findTemporal } from './temporal-binary.ts';
import { startTemporal, type TemporalServer } from './temporal-server.ts';

/** What of the outside world is given; the rest is started here. */
export interface DependencyWishes {
  databaseUrl: string | undefined;
  temporal: { address: string | undefined; ui: string | undefined; namespace: string; cliPath: string | undefined };
  keyFolder: string;
  keyStore: KeyStoreSettings;
  apiKeyFile: string;
}

/** Where the store and Temporal are; the store is migrated, the keys are there. */
export interface Dependencies {
  databaseUrl: string;
  temporalAddress: string;
  temporalUi: string | null;
}

interface Surroundings {
  home: Home;
  stack: Stack;
  say: Say;
  signal: AbortSignal;
}

/** Provides everything that api and worker need before they can start, all at the same time. */
export async function provideDependencies(wishes: DependencyWishes, around: Surroundings): Promise<Dependencies> {
  const [databaseUrl, temporal] = await allOver([
    provideStore(wishes.databaseUrl, around),
    provideTemporal(wishes.temporal, around),
    provideKeys(wishes),
  ]);
  return { databaseUrl, ...temporal };
}

async function provideStore(given: string | undefined, around: Surroundings): Promise<string> {
  const url = given ?? (await startOwnPostgres(around));
  const migrating = () => migrateToLatest(url);
  await tellProgress(around.say, 'Bringing the database up to date', migrating).catch((error: unknown) => {
    const advice = given === undefined
      ? `read ${around.home.postgres.log}`
      : 'see that DATABASE_URL names a PostgreSQL (15 or newer) that runs, and a user who may make tables there';
    throw new StartFailure('The database could not be brought up to date.', reasonOf(error), advice);
  });
  return url;
}

async function startOwnPostgres({ home, stack, say, signal }: Surroundings): Promise<string> {
  const service = await stack.add('postgres', superviseService<PostgresServer>({
    name: 'postgres',
    start: (stopped, previous) => {
      const options = { folder: home.postgres, durable: true, signal: stopped, ...(previous ? { port: previous.port } : {}) };
      return tellProgress(say, 'Starting PostgreSQL', () => startPostgres(options));
    },
    say,
    signal,
  }));
  return service.current.url;
}

async function provideTemporal(wish: DependencyWishes['temporal'], around: Surroundings) {
  if (wish.address !== undefined) return { temporalAddress: wish.address, temporalUi: wish.ui ?? null };
  const { home, stack, say, signal } = around;
  const program = await findTemporal({ cliPath: wish.cliPath, fallbackFolder: home.programs, say, signal });
  const { database, log, pid: pidFile } = home.temporal;
  const common = { program, database, log, pidFile, namespace: wish.namespace };
  const service = await stack.add('temporal', superviseService<TemporalServer>({
    name: 'temporal',
    start: (stopped, previous) => {
      const ports = previous ? { ports: previous.ports } : { preferredPorts: { grpc: 7233, ui: 8233 } };
      return tellProgress(say, 'Starting the Temporal server', () => startTemporal({ ...common, ...ports, signal: stopped }));
    },
    say,
    signal,
  }));
  return { temporalAddress: service.current.address, temporalUi: wish.ui ?? service.current.ui };
}

async function provideKeys({ keyFolder, keyStore, apiKeyFile }: DependencyWishes): Promise<void> {
  try {
    await createKeyFiles(keyFolder, openKeyStore(keyStore));
    await createAdminKeyFile(apiKeyFile);
  } catch (error) {
    const advice = `see that ${keyFolder} and ${apiKeyFile} can be written`;
    throw new StartFailure('The keys could not be made.', reasonOf(error), advice);
  }
}
