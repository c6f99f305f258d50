import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import type { Account } from './postgres-programs.ts';
import { endProcess, type Persuasion } from './processes.ts';

/** How a process ended: its exit code or the signal that killed it. */
export type Ending = { code: number | null; signal: NodeJS.Signals | null };

/** A server that is not one of ours: it knows nothing of us, writes its log to a file, and is ended by signals. */
export interface ServerProcess {
  pid: number;
  /** Set as soon as the process is gone. */
  ending: Ending | undefined;
  exited: Promise<Ending>;
  /** Everything that it wrote to its log since it was started. */
  output: () => string;
  stop: () => Promise<void>;
}

export interface ServerCommand {
  program: string;
  arguments: readonly string[];
  log: string;
  account?: Account | undefined;
  folder?: string;
  environment?: NodeJS.ProcessEnv;
  persuasion: Persuasion;
}

const LOG_LIMIT = 5_000_000;

/**
 * Starts a server in a process group of its own, so that Ctrl-C on the terminal reaches us alone and we end the servers in
 * order. Its log is a file rather than a pipe: should we be killed, it does not choke on a pipe that nobody reads.
 */
export async function spawnServer(command: ServerCommand): Promise<ServerProcess> {
  const logStart = shortenLog(command.log);
  const log = openSync(command.log, 'a', 0o600);
  const child = spawn(command.program, command.arguments, {
    stdio: ['ignore', log, log],
    detached: true,
    ...command.account,
    ...(command.folder === undefined ? {} : { cwd: command.folder }),
    env: command.environment ?? process.env,
  });
  closeSync(log);
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const server: ServerProcess = {
    pid: child.pid as number,
    ending: undefined,
    exited: new Promise((resolve) => child.once('exit', (code, signal) => resolve((server.ending = { code, signal })))),
    output: () => readFileSync(command.log).subarray(logStart).toString(),
    stop: async () => {
      if (server.ending === undefined && (await endProcess(server.pid, command.persuasion))) await server.exited;
    },
  };
  return server;
}

function shortenLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size < LOG_LIMIT) return size;
  truncateSync(file);
  return 0;
}
