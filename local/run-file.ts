import { readFile, rename, rm, writeFile } from 'node:fs/promises';

/** What a running product tells other programs about itself; `null` is what it does not know of a server that is not its own. */
export interface RunFacts {
  api: string;
  temporalUi: string | null;
  temporalAddress: string;
  metrics: string;
  databaseUrl: string;
  apiKeyFile: string;
  /** The process to send SIGTERM to. */
  pid: number;
}

/** Writes the file at once and whole; it holds the password of the database and is for its owner alone. */
export async function writeRunFile(file: string, facts: RunFacts): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(facts, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** The facts of whoever runs, or of one that was killed; undefined when there is no such file. */
export async function readRunFile(file: string): Promise<RunFacts | undefined> {
  return readFile(file, 'utf8').then((text) => JSON.parse(text) as RunFacts, () => undefined);
}

export async function removeRunFile(file: string): Promise<void> {
  await rm(file, { force: true });
}
