import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

/** A database of one suite's own. */
export interface SuiteDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A migrated database that no other suite sees: a copy of the one that the run migrated. Drop it when done. */
export function createDatabase(): Promise<SuiteDatabase> {
  return copyOf(new URL(variable('LEADWARDEN_TEST_DATABASE')).pathname.slice(1));
}

/** A database with nothing in it. */
export function createEmptyDatabase(): Promise<SuiteDatabase> {
  return copyOf('template0');
}

async function copyOf(template: string): Promise<SuiteDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(`create database ${name} template ${template}`);
  const url = new URL(variable('LEADWARDEN_TEST_DATABASE'));
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`drop database ${name} with (force)`) };
}

/** The address of the Temporal server that all suites share; take a task queue of your own. */
export function temporalAddress(): string {
  return variable('LEADWARDEN_TEST_TEMPORAL');
}

/** The file of the workflow bundle that was built for this run, for `workflowBundle: { codePath }` of a worker. */
export function workflowBundlePath(): string {
  return variable('LEADWARDEN_TEST_BUNDLE');
}

/** The folder of this run, for files of suites; removed at its end. */
export function runFolder(): string {
  return variable('LEADWARDEN_TEST_FOLDER');
}

async function administer(statement: string): Promise<void> {
  const url = new URL(variable('LEADWARDEN_TEST_DATABASE'));
  url.pathname = '/postgres';
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: tests run by "npm test", which starts the servers first`);
  return value;
}
