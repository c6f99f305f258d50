import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { Announcer } from '../../api/announcer.ts';
import { createApp } from '../../api/app.ts';
import type { ApiContext } from '../../api/context.ts';
import { createApiKey, digestOf, keyIdOf } from '../../api/key-format.ts';
import { LIMITS } from '../../api/limits.ts';
import { Metrics } from '../../api/metrics.ts';
import { problemSchema } from '../../api/problems.ts';
import { ROLES, type Role } from '../../api/roles.ts';
import { routes } from '../../api/routes.ts';
import { listen } from '../../api/server.ts';
import { WebhookDesk } from '../../api/webhook-desk.ts';
import { registerApiKey } from '../../db/api-keys.ts';
import { connect, overPool, type Db } from '../../db/connection.ts';
import { createKeyFiles, readKeyFiles, readSigningSeeds } from '../../keys/key-files.ts';
import { createPipelinePool, type PipelinePool } from '../../db/pipeline.ts';
import { Vault } from '../../db/vault.ts';
import { Gate } from '../../gate/gate.ts';
import { SigningKeys } from '../../proof/signing-keys.ts';
import { createDatabase, runFolder } from '../setup/suite.ts';

/** What came back, with the body read as JSON where it is. */
export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // Bodies are looked into field by field; each one has been checked against its schema already.
  json: ReturnType<typeof JSON.parse>;
}

export interface CallOptions {
  /** Who calls; `null` sends no key. */
  as?: Role | null;
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  raw?: NonNullable<RequestInit['body']>;
  headers?: Record<string, string>;
}

/** An API in this process over a database of its own, with a key for every role. */
export interface RunningApi {
  url: string;
  db: Db;
  databaseUrl: string;
  hotPool: PipelinePool;
  context: ApiContext;
  metrics: Metrics;
  keys: Record<Role, string>;
  /** Every line that was logged so far. */
  logged: string[];
  /** The subjects that were announced so far. */
  announced: string[];
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  stop(): Promise<void>;
}

type Changes = Partial<ApiContext> & { hotPool?: PipelinePool };

export async function startApi({ hotPool, ...changes }: Changes = {}): Promise<RunningApi> {
  const database = await createDatabase();
  const db = connect(database.url, { max: 20, onIdleError: () => undefined });
  const folder = join(runFolder(), `api-${randomUUID()}`);
  for (const each of ['uploads', 'lists']) await mkdir(join(folder, each), { recursive: true });
  await createKeyFiles(join(folder, 'keys'));
  const keys = await createKeys(db);
  const logged: string[] = [];
  const announced: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  const ownHotPool = createPipelinePool(database.url, { max: 4, lockTimeout: 500, onIdleError: () => undefined });
  const pool = hotPool ?? ownHotPool;
  const vault = new Vault(await readKeyFiles(join(folder, 'keys')));
  const { asksReassigned = false } = changes;
  const now = changes.now ?? (() => new Date());
  const context: ApiContext = {
    db,
    hotDb: overPool(pool),
    vault,
    signing: new SigningKeys(await readSigningSeeds(join(folder, 'keys'))),
    gate: new Gate({ pool, db: changes.db ?? db, vault: changes.vault ?? vault, now, asksReassigned }),
    asksReassigned,
    webhooks: new WebhookDesk({ pool, hotDb: overPool(pool), db: changes.db ?? db, vault: changes.vault ?? vault }),
    publicUrl: null,
    now,
    log,
    announcer: new Announcer((subjects) => Promise.resolve(void announced.push(...subjects)), log),
    temporalUi: 'http://127.0.0.1:8233/namespaces/default',
    temporalAnswers: () => Promise.resolve(true),
    uploadFolder: join(folder, 'uploads'),
    listFolder: join(folder, 'lists'),
    listWarningDays: 7,
    webhooksPrivate: true,
    requestsPerMinute: LIMITS.requestsPerMinute,
    visitsPerMinute: LIMITS.requestsPerMinute,
    patienceMs: LIMITS.patienceMs,
    proxyHops: 0,
    ...changes,
  };
  const metrics = new Metrics();
  const server = await listen(createApp(context, metrics, routes), '127.0.0.1', 0);
  return {
    url: server.url,
    db,
    databaseUrl: database.url,
    hotPool: pool,
    context,
    metrics,
    keys,
    logged,
    announced,
    call: (method, path, options) => call(server.url, keys, method, path, options),
    async stop() {
      await server.stop();
      await Promise.all([db.destroy(), ownHotPool.end()]);
      await database.drop();
    },
  };
}

async function createKeys(db: Db): Promise<Record<Role, string>> {
  const keys = Object.fromEntries(ROLES.map((role) => [role, createApiKey()])) as Record<Role, string>;
  for (const role of ROLES) {
    const key = { id: keyIdOf(keys[role]) ?? '', name: role, role, digest: digestOf(keys[role]), createdAt: new Date(), expiresAt: null };
    await registerApiKey(db, key);
  }
  return keys;
}

/** Sends one request, by default as admin, and makes sure that what comes back is what the API says of itself. */
export async function call(
  url: string, keys: Record<Role, string>, method: string, path: string, { as = 'admin', body, raw, headers }: CallOptions = {},
): Promise<Reply> {
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(url + path, {
    method,
    ...(sent === undefined ? {} : { body: sent, duplex: 'half' }),
    headers: {
      ...(as === null ? {} : { authorization: `Bearer ${keys[as]}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  });
  const text = await response.text();
  const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
  const reply = { status: response.status, headers: response.headers, text, json: isJson && text !== '' ? JSON.parse(text) : undefined };
  requireDescribed(method, path, reply);
  return reply;
}

/** Every answer has a status that its route names, and the shape that its schema says. */
function requireDescribed(method: string, path: string, { status, headers, json }: Reply): void {
  if (status >= 400) return void problemSchema.strict().parse(json);
  const pathname = path.split('?')[0] ?? '';
  const route = routes.find((each) => each.method === method.toLowerCase() && new RegExp(`^${each.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname));
  if (!route || status === 304) return;
  const answer = route.answers[status];
  if (!answer) throw new Error(`${route.operation} answered ${status}, which it does not describe`);
  const isTable = headers.get('content-type')?.startsWith('text/') === true;
  if (answer.schema && !isTable) answer.schema.parse(json);
  if (headers.get('x-request-id') === null) throw new Error('an answer has no request id');
}

/** The places a refusal names, each with its code. */
export function placesOf({ json }: Reply): [pointer: string, code: string][] {
  return json.errors.map((part: { pointer: string; code: string }) => [part.pointer, part.code]);
}

export const SOURCE = { id: 'spring-fair-2026', name: 'Spring fair', kind: 'event', legalBasis: 'consent', defaultRegion: 'US' };

let next = 0;

/** The body of an acquisition with a number that no other one has; fictitious, from the 555-01XX range of many area codes. */
export function leadBody(changes: object = {}): Record<string, unknown> {
  const area = AREA_CODES[Math.floor(next / 100) % AREA_CODES.length];
  const phone = `+1${area}55501${String(next % 100).padStart(2, '0')}`;
  next += 1;
  return { phone, source: SOURCE.id, acquiredAt: '2026-01-01T15:04:05Z', method: 'form', ...changes };
}

const AREA_CODES = ['202', '212', '213', '305', '312', '404', '415', '503', '512', '602', '617', '702', '713', '206', '303'];
