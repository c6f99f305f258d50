import { once } from 'node:events';
import { join } from 'node:path';
import { type Config, loadConfig } from '../config.ts';
import { type Dependencies, provideDependencies } from './dependencies.ts';
import { claimHome } from './home-claim.ts';
import { type Home, openHome } from './home.ts';
import { refuseTakenPort, startOnPorts } from './listen-ports.ts';
import { readableLine } from './log-lines.ts';
import { endLeftoverProcess, startOwnProcess } from './own-process.ts';
import { tellProgress } from './progress.ts';
import { removeRunFile, type RunFacts, writeRunFile } from './run-file.ts';
import { loadSample } from './sample-load.ts';
import { welcome } from './screen.ts';
import { allOver, Stack } from './stack.ts';
import { reasonOf } from './start-failure.ts';
import { countStore } from './store-counts.ts';
import { superviseService } from './supervisor.ts';
import { outliveTerminal, print, say } from './terminal.ts';

/** Our own Temporal server asks for no credentials; those of another one must not be sent to it. */
const OWN_TEMPORAL = { TEMPORAL_API_KEY: '', TEMPORAL_TLS_CERT: '', TEMPORAL_TLS_KEY: '', TEMPORAL_TLS_CA: '' };

/** It starts some fifty workflows a second with both cores busy: after an import, room is left for everything else. */
const GENTLE = { RELAY_RATE: '30' };

interface Start {
  config: Config;
  home: Home;
  apiKeyFile: string;
  stack: Stack;
  signal: AbortSignal;
}

outliveTerminal();
const stopping = untilAsked();
await run(stopping).catch((error: unknown) => {
  if (stopping.aborted) return;
  process.stderr.write(`\n${reasonOf(error)}\n\n`);
  process.exitCode = 1;
});
process.exit();

/** Aborted when this process is asked to stop, or the one that started it is gone. */
function untilAsked(): AbortSignal {
  const asked = new AbortController();
  for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) process.on(event, () => asked.abort());
  return asked.signal;
}

async function run(signal: AbortSignal): Promise<void> {
  const config = loadConfig();
  const home = await openHome(config.home);
  const lock = await claimHome(home, say, signal);
  const stack = new Stack();
  try {
    await removeRunFile(home.runFile);
    const facts = await bringUp({ config, home, apiKeyFile: config.adminKeyFile ?? home.adminKey, stack, signal });
    await writeRunFile(home.runFile, facts);
    const counts = await countStore(facts.databaseUrl);
    print(welcome(facts, { home: home.folder, namespace: config.temporal.namespace, counts }));
    if (!signal.aborted) await once(signal, 'abort');
    say('asked to stop: finishing what is in hand');
  } finally {
    await removeRunFile(home.runFile);
    await stack.stop(say);
    lock.release();
  }
  say('stopped');
}

async function bringUp(start: Start): Promise<RunFacts> {
  const { config, home, apiKeyFile, stack, signal } = start;
  await Promise.all((['api', 'worker'] as const).map((name) => endLeftoverProcess(processOf(home, name))));
  const ports = portWishes(config);
  await refuseTakenPort(ports.api, config.host);
  await refuseTakenPort(ports.metrics, config.host);
  const { databaseUrl, temporal, keyFolder, keyStore } = config;
  const wishes = { databaseUrl, temporal, keyFolder, keyStore, apiKeyFile };
  const dependencies = await provideDependencies(wishes, { home, stack, say, signal });
  const environment = environmentOf(start, dependencies);
  const apiStarting = startOnPorts(ports, ({ api: PORT, metrics: METRICS_PORT }) => {
    return startOwn(start, 'api', { ...environment, PORT: String(PORT), METRICS_PORT: String(METRICS_PORT) });
  });
  // The links in mails lead to the API, and its port is known once it listens.
  const linksNeedPort = config.messaging.adapter === 'smtp' && config.publicUrl === undefined;
  const workerStarting = linksNeedPort
    ? apiStarting.then(({ current }) => startOwn(start, 'worker', { ...environment, PORT: new URL(reachable(current.urls.api)).port }))
    : startOwn(start, 'worker', environment);
  const [api] = await allOver([apiStarting, workerStarting]);
  const urls = { api: reachable(api.current.urls.api), metrics: reachable(api.current.urls.metrics) };
  if (config.sample) await provideSample(start, dependencies.databaseUrl, urls.api);
  return { ...dependencies, ...urls, apiKeyFile, pid: process.pid };
}

/** An address to call: what listens on every address of this machine also listens on its loopback address. */
function reachable(url: string | undefined): string {
  if (url === undefined) throw new Error('the api did not say where it listens');
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

function portWishes(config: Config) {
  return {
    api: { variable: 'PORT', asked: config.port, usual: 8080 },
    metrics: { variable: 'METRICS_PORT', asked: config.metricsPort, usual: 9464 },
  };
}

function environmentOf({ config, home, apiKeyFile }: Start, given: Dependencies): NodeJS.ProcessEnv {
  return {
    ...(config.temporal.address === undefined ? { ...GENTLE, ...process.env, ...OWN_TEMPORAL } : process.env),
    LEADWARDEN_HOME: home.folder,
    LEADWARDEN_ADMIN_KEY_FILE: apiKeyFile,
    DATABASE_URL: given.databaseUrl,
    TEMPORAL_ADDRESS: given.temporalAddress,
    ...(given.temporalUi === null ? {} : { TEMPORAL_UI: given.temporalUi }),
    HOST: config.host,
  };
}

async function startOwn({ home, stack, signal }: Start, name: 'api' | 'worker', environment: NodeJS.ProcessEnv) {
  const onLine = (line: string) => print(readableLine(name, line));
  const start = (stopped: AbortSignal) => {
    const starting = () => startOwnProcess({ ...processOf(home, name), name, environment, onLine, signal: stopped });
    return tellProgress(say, `Starting the ${name}`, starting);
  };
  return stack.add(name, superviseService({ name, start, say, signal }));
}

function processOf(home: Home, name: 'api' | 'worker') {
  return { script: `${name}/main.ts`, home: home.folder, pidFile: join(home.folder, `${name}.pid`) };
}

async function provideSample({ apiKeyFile, signal }: Start, databaseUrl: string, api: string): Promise<void> {
  const { leads, ownSources } = await countStore(databaseUrl);
  if (leads > 0 || ownSources > 0) return;
  await tellProgress(say, 'Bringing in about 200 sample leads and two do-not-call lists', () => loadSample(api, apiKeyFile, signal));
}
