import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SEARCH_ATTRIBUTES } from '../workflows/messages.ts';
import { freePorts } from './ports.ts';
import { commandLine, endProcess, isAlive, type Persuasion } from './processes.ts';
import { type ServerProcess, spawnServer } from './server-process.ts';
import { StartFailure } from './start-failure.ts';

export interface TemporalOptions {
  /** The temporal program. */
  program: string;
  /** Where it keeps everything; left out, in memory. */
  database?: string;
  log: string;
  /** Where its process id is written, so that a later start finds a server that outlived a killed one. */
  pidFile: string;
  namespace: string;
  /** The ports to use exactly; left out, the preferred ones where they are free, else others. */
  ports?: TemporalPorts;
  preferredPorts?: Partial<TemporalPorts>;
  signal?: AbortSignal;
}

export interface TemporalPorts {
  grpc: number;
  ui: number;
  http: number;
  metrics: number;
}

export interface TemporalServer extends ServerProcess {
  /** `host:port` for clients and workers. */
  address: string;
  /** The address of the Web UI. */
  ui: string;
  ports: TemporalPorts;
}

const READY_WITHIN_MS = 60_000;
const ATTEMPTS = 5;
const PERSUASION: Persuasion = [['SIGTERM', 15_000], ['SIGKILL', 5_000]];

/**
 * A running Temporal server with its Web UI and our search attributes, for this machine only. A server that an earlier run
 * left on the same database is ended first.
 */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  await endLeftoverTemporal(options);
  for (let attempt = 1; ; attempt += 1) {
    const ports = options.ports ?? (await pickPorts(options.preferredPorts));
    const server = await launch(options, ports);
    if (await isReady(server, ports, options)) {
      return Object.assign(server, { ports, address: `127.0.0.1:${ports.grpc}`, ui: `http://127.0.0.1:${ports.ui}` });
    }
    await server.stop();
    options.signal?.throwIfAborted();
    const output = server.output();
    const portWasTaken = options.ports === undefined && /address already in use|can't bind|can't set/.test(output);
    if (!portWasTaken || attempt === ATTEMPTS) throw failure(options.log, output);
  }
}

async function pickPorts(preferred: Partial<TemporalPorts> = {}): Promise<TemporalPorts> {
  const wishes = { grpc: 0, ui: 0, http: 0, metrics: 0, ...preferred };
  const [grpc, ui, http, metrics] = await freePorts([wishes.grpc, wishes.ui, wishes.http, wishes.metrics]);
  return { grpc, ui, http, metrics } as TemporalPorts;
}

async function launch(options: TemporalOptions, ports: TemporalPorts): Promise<ServerProcess> {
  const server = await spawnServer({
    program: options.program,
    arguments: [...serverArguments(ports, options.namespace), ...databaseArguments(options.database)],
    log: options.log,
    environment: { ...process.env, TEMPORAL_VERSION_CHECK_DISABLED: '1' },
    persuasion: PERSUASION,
  });
  await writeFile(options.pidFile, String(server.pid));
  const { stop } = server;
  return Object.assign(server, { stop: () => stop().then(() => rm(options.pidFile, { force: true })) });
}

function serverArguments(ports: TemporalPorts, namespace: string): string[] {
  return [
    'server', 'start-dev', '--headless=false', '--ip', '127.0.0.1', '--ui-disable-news-fetch',
    '--port', String(ports.grpc), '--ui-port', String(ports.ui),
    '--http-port', String(ports.http), '--metrics-port', String(ports.metrics),
    '--namespace', namespace,
    ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    '--log-level', 'error', '--log-format', 'json', '--color', 'never',
    '--disable-config-file', '--disable-config-env',
  ];
}

function databaseArguments(database: string | undefined): string[] {
  return database === undefined ? [] : ['--db-filename', database];
}

/** What the program prints once it has started. Without it, whoever answers on these ports is another server. */
const BANNER = 'Temporal Server:';

/** Waits until the server answers and knows every search attribute; false when it ends or time is up before that. */
async function isReady(server: ServerProcess, ports: TemporalPorts, { namespace, signal }: TemporalOptions): Promise<boolean> {
  const url = `http://127.0.0.1:${ports.http}/api/v1/namespaces/${encodeURIComponent(namespace)}/search-attributes`;
  const deadline = Date.now() + READY_WITHIN_MS;
  while (server.ending === undefined && Date.now() < deadline && signal?.aborted !== true) {
    if (server.output().includes(BANNER) && (await knowsAttributes(url))) return true;
    await sleep(25);
  }
  return false;
}

async function knowsAttributes(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    const { customAttributes = {} } = (await answer.json()) as { customAttributes?: Record<string, string> };
    return Object.keys(SEARCH_ATTRIBUTES).every((name) => name in customAttributes);
  } catch {
    return false;
  }
}

/** Ends the server of an earlier run that was killed, and only that: another process may have got its number meanwhile. */
export async function endLeftoverTemporal({ pidFile, database }: Pick<TemporalOptions, 'pidFile' | 'database'>): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  if (!pid) return;
  const ours = (await isAlive(pid)) && (await commandLine(pid)).includes(database ?? 'start-dev');
  if (ours) await endProcess(pid, PERSUASION);
  await rm(pidFile, { force: true });
}

function failure(log: string, output: string): StartFailure {
  const advice = /disk is full|no space left/i.test(output) ? 'free some space on the disk, then start again' : `read ${log}`;
  const lastLines = output.trim().split('\n').slice(-5).join('\n');
  return new StartFailure('The Temporal server did not start.', lastLines || 'it gave no reason', advice);
}
