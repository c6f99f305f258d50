import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Db } from '../db/connection.ts';
import { newId } from '../db/ids.ts';
import { readKeyFiles } from '../keys/key-files.ts';
import { Vault } from '../db/vault.ts';
import { insertDelivery } from '../db/webhook-deliveries.ts';
import { stirEndpoint } from '../db/webhook-outbox.ts';
import { createEndpoint } from '../intake/webhook-endpoints.ts';
import { findTemporal } from '../local/temporal-binary.ts';
import { startTemporal } from '../local/temporal-server.ts';
import type { Figure, Measurement } from './harness.ts';
import { openImportStore, type ImportStore } from './import-store.ts';
import { startWorker, stopWorker } from './worker-child.ts';

/** `--full` takes the sizes that the target is stated for; the development server of Temporal needs minutes to start as many. */
const FULL = process.argv.includes('--full');
const ENDPOINTS = FULL ? 1_000 : 200;
/** One endpoint in so many hangs. */
const ONE_IN = 10;
const EVENTS = FULL ? 1_200 : 900;
const EVENTS_A_SECOND = 15;

/** How late the endpoints that answer hear of things while others hang, against the same run in which none does. */
export const w2: Measurement = {
  id: 'W2',
  title: `delivery to ${ENDPOINTS} endpoints of which ${ENDPOINTS / ONE_IN} hang against none that hangs`,
  async measure() {
    const store = await openImportStore();
    const program = await findTemporal({ fallbackFolder: store.folder, say: () => undefined });
    const inFolder = (name: string) => join(store.folder, name);
    const temporal = await startTemporal({ program, log: inFolder('temporal.log'), pidFile: inFolder('temporal.pid'), namespace: 'default' });
    try {
      // The server of Temporal takes its time for the first ones: that run is not counted.
      await runOnce(store, temporal.address, { doHang: false, events: EVENTS / 3, name: 'warm-up' });
      const hanging = await runOnce(store, temporal.address, { doHang: true, events: EVENTS, name: 'some-hang' });
      const without = await runOnce(store, temporal.address, { doHang: false, events: EVENTS, name: 'none-hangs' });
      return [
        { name: 'p99 with hanging to p99 without', value: hanging.p99 / without.p99, unit: 'x', target: { atMost: 2 } },
        ...figuresOf('none hangs', without),
        ...figuresOf('some hang', hanging),
      ];
    } finally {
      await temporal.stop();
      await store.close();
    }
  },
};

interface Delays {
  p50: number;
  p99: number;
  delivered: number;
  /** Requests that are never answered. */
  hung: number;
}

function figuresOf(name: string, { p50, p99, delivered, hung }: Delays): Figure[] {
  return [
    { name: `p50, ${name}`, value: p50, unit: 'ms' },
    { name: `p99, ${name}`, value: p99, unit: 'ms' },
    { name: `measured, ${name}`, value: delivered },
    { name: `requests unanswered, ${name}`, value: hung },
  ];
}

/** Everybody is well until all workflows are there; then events come in steadily, for endpoints at random. */
async function runOnce(
  store: ImportStore, temporal: string, { doHang, events, name }: { doHang: boolean; events: number; name: string },
): Promise<Delays> {
  const url = await store.freshDatabase();
  const db = connect(url, { max: 4 });
  const server = await startServer();
  const endpoints = await makeEndpoints(db, new Vault(await readKeyFiles(store.keyFolder)), server.url);
  const place = { home: store.folder, keys: store.keyFolder, url, temporal, taskQueue: `bench-w2-${name}` };
  const worker = await startWorker(place, { WEBHOOK_PRIVATE: 'yes' });
  try {
    for (const endpoint of endpoints) await happen(db, endpoint);
    while (server.arrivals.size < ENDPOINTS) await sleep(100);
    if (doHang) server.hang();
    const sent = new Map<string, number>();
    const wellOnes = new Set<string>();
    const started = performance.now();
    for (let nth = 0; nth < events; nth += 1) {
      const whose = (nth * 7_919) % ENDPOINTS;
      const id = await happen(db, endpoints[whose] ?? '');
      sent.set(id, performance.now());
      if (whose % ONE_IN !== 0) wellOnes.add(id);
      await sleep(Math.max(0, started + (1_000 * (nth + 1)) / EVENTS_A_SECOND - performance.now()));
    }
    while ([...wellOnes].some((id) => !server.arrivals.has(id))) await sleep(100);
    const delayOf = (id: string) => (server.arrivals.get(id) ?? NaN) - (sent.get(id) ?? NaN);
    const delays = [...wellOnes].map(delayOf).sort((one, other) => one - other);
    const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(share * delays.length))] ?? NaN;
    return { p50: at(0.5), p99: at(0.99), delivered: delays.length, hung: server.hung() };
  } finally {
    server.close();
    await stopWorker(worker);
    await db.destroy();
  }
}

async function makeEndpoints(db: Db, vault: Vault, base: string): Promise<string[]> {
  const ids: string[] = [];
  for (let nth = 0; nth < ENDPOINTS; nth += 1) {
    const url = new URL(`${base}/${nth % ONE_IN === 0 ? 'some' : 'well'}/${nth}`);
    const asked = { url, events: null, description: null, secret: null, by: 'bench' };
    ids.push((await db.transaction().execute((tx) => createEndpoint(tx, vault, asked, new Date()))).endpoint.id);
  }
  return ids;
}

/** An event of a lead of its own, for one endpoint alone, with word for its workflow; answers its id. */
async function happen(db: Db, endpoint: string): Promise<string> {
  const [id, now] = [newId(), new Date()];
  await db.transaction().execute(async (tx) => {
    await insertDelivery(tx, endpoint, { id, type: 'lead.acquired', leadId: newId(), factId: newId(), at: now }, now);
    await stirEndpoint(tx, endpoint, now);
  });
  return id;
}

/** Receives, puts down when what came, and at a word answers some no more. */
async function startServer() {
  const arrivals = new Map<string, number>();
  let [isHanging, hung] = [false, 0];
  const server = createServer((request, response) => {
    const id = String(request.headers['webhook-id']);
    if (!arrivals.has(id)) arrivals.set(id, performance.now());
    request.resume();
    if (isHanging && request.url?.startsWith('/some/')) hung += 1;
    else response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals,
    hang: () => void (isHanging = true),
    hung: () => hung,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
