import { resolve } from 'node:path';
import { z } from 'zod';
import { readSecret, withPassword } from './keys/secret-files.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const DEFAULT_PORT = 8080;
const rate = z.coerce.number().positive();
const http = z.url({ protocol: /^https?$/, error: 'must be an address, such as https://host.example.com' });
const LASTING = { error: 'must be an ISO 8601 duration, such as P18M' };
const isoDuration = z.string().regex(/^P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$/, LASTING);

/** Names a file, and means what it holds. */
const secretIn = (pem?: 'CERTIFICATE' | 'PRIVATE KEY') => z.string().transform((file, context) => {
  const read = readSecret(file, pem);
  if ('content' in read) return read.content;
  context.addIssue({ code: 'custom', message: read.problem, continue: true });
  return '';
}).optional();

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);
const REAL_STORE =
  'may be a real store, whose leads would be archived and disposed of before their time: leave LEADWARDEN_TIME_SHIFT out, ' +
  'or rehearse on a copy of the store on this machine';

const S3_PLACE = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/;

const environment = z.object({
  LEADWARDEN_HOME: z.string().min(1).default('.leadwarden'),
  LEADWARDEN_KEYS: z.string().min(1).optional(),
  KEY_STORE: z.enum(['file', 'transit', 'aws-kms']).default('file'),
  KEY_REFRESH_SECONDS: z.coerce.number().min(0.1).max(300).default(15),
  KEY_ROTATION_DAYS: z.coerce.number().int().min(0).max(3_650).default(90),
  TRANSIT_URL: http.optional(),
  TRANSIT_MOUNT: z.string().regex(/^[\w/-]+$/, { error: 'takes letters, digits and _ - / only' }).default('transit'),
  TRANSIT_KEY: z.string().min(1).optional(),
  TRANSIT_TOKEN_FILE: z.string().min(1).optional(),
  AWS_KMS_KEY: z.string().min(1).optional(),
  AWS_KMS_REGION: z.string().min(1).optional(),
  AWS_KMS_ENDPOINT: http.optional(),
  LEADWARDEN_UPLOADS: z.string().min(1).optional(),
  LEADWARDEN_LISTS: z.string().min(1).optional(),
  LEADWARDEN_JOURNAL: z.string().min(1).optional(),
  BACKUP_KEEP_DAYS: z.coerce.number().int().min(0).max(3_650).default(30),
  LEADWARDEN_LIST_INBOX: z.string().min(1).optional(),
  LEADWARDEN_LIST_CREDENTIALS: z.string().min(1).optional(),
  CERTIFICATES_CREDENTIALS: z.string().min(1).optional(),
  CERTIFICATES_TRUSTEDFORM_URL: http.default('https://cert.trustedform.com'),
  CERTIFICATES_TRUSTEDFORM_VERIFY: z.enum(['yes', 'no']).default('yes'),
  CERTIFICATES_JORNAYA_URL: http.default('https://api.leadid.com'),
  CERTIFICATES_JORNAYA_PROVIDER: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, { error: 'takes letters, digits and - only, at most 64' }).optional(),
  CERTIFICATES_PRIVATE: z.enum(['yes', 'no']).default('no'),
  CERTIFICATES_TIMEOUT_SECONDS: z.coerce.number().positive().max(50).default(20),
  REASSIGNED_URL: http.optional(),
  REASSIGNED_CREDENTIALS: z.string().min(1).optional(),
  REASSIGNED_PER_SECOND: z.coerce.number().positive().max(1_000).default(2),
  REASSIGNED_TIMEOUT_SECONDS: z.coerce.number().positive().max(50).default(20),
  REASSIGNED_PRIVATE: z.enum(['yes', 'no']).default('no'),
  LIST_WARNING_DAYS: z.coerce.number().min(0).max(365).default(7),
  LIST_FETCH_PRIVATE: z.enum(['yes', 'no']).default('no'),
  LIST_FETCH_MOST_BYTES: z.coerce.number().int().positive().default(16_000_000_000),
  LIST_SETTLE_SECONDS: z.coerce.number().positive().max(86_400).default(10),
  BACKUP_TARGET: z.string().min(1).optional(),
  BACKUP_KEYRING_TARGET: z.string().min(1).optional(),
  BACKUP_KEY_FILE: z.string().min(1).optional(),
  WEBHOOK_PRIVATE: z.enum(['yes', 'no']).default('no'),
  LEADWARDEN_ARCHIVE: z.string().min(1)
    .refine((place) => !place.startsWith('s3:') || S3_PLACE.test(place), { error: 'must be a folder, or s3://bucket or s3://bucket/prefix' })
    .optional(),
  ARCHIVE_S3_ENDPOINT: http.optional(),
  ARCHIVE_S3_REGION: z.string().regex(/^[a-z0-9-]+$/, { error: 'must be the name of a region, such as us-east-1' }).default('us-east-1'),
  ARCHIVE_S3_CREDENTIALS: z.string().min(1).optional(),
  LEADWARDEN_ADMIN_KEY_FILE: z.string().min(1).optional(),
  LEADWARDEN_SAMPLE: z.enum(['none', 'leads']).default('leads'),
  LEADWARDEN_TIME_SHIFT: isoDuration.optional(),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: port.optional(),
  PUBLIC_URL: http.optional(),
  METRICS_PORT: port.optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be an address, such as postgres://user@host:5432/database' }).optional(),
  DATABASE_PASSWORD_FILE: secretIn(),
  TEMPORAL_ADDRESS: z.string().min(1).optional(),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  TEMPORAL_UI: http.optional(),
  TEMPORAL_API_KEY: z.string().min(1).optional(),
  TEMPORAL_TLS_CERT: secretIn('CERTIFICATE'),
  TEMPORAL_TLS_KEY: secretIn('PRIVATE KEY'),
  TEMPORAL_TLS_CA: secretIn('CERTIFICATE'),
  TEMPORAL_CLI_PATH: z.string().min(1).optional(),
  TEMPORAL_TASK_QUEUE: z.string().min(1).default('leadwarden'),
  WORKFLOW_BUNDLE: z.string().min(1).optional(),
  RELAY_RATE: rate.default(100),
  RELAY_RATE_DURING_IMPORT: rate.default(0.2),
  PROXY_HOPS: z.coerce.number().int().min(0).max(10).default(0),
  CONFIRMATION_ADAPTER: z.enum(['smtp', 'crm', 'log']).optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be an address, such as smtps://user@host:465' }).optional(),
  SMTP_PASSWORD_FILE: secretIn(),
  MAIL_FROM: z.string().regex(/^[^\r\n]*@[\w.-]+>?$/, { error: 'must be an address, such as consent@example.com or Acme <consent@example.com>' }).optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
}).superRefine(({ CONFIRMATION_ADAPTER, SMTP_URL, MAIL_FROM }, context) => {
  if ((CONFIRMATION_ADAPTER ?? 'smtp') !== 'smtp') return;
  if (CONFIRMATION_ADAPTER === undefined && SMTP_URL === undefined) return;
  for (const [name, value] of Object.entries({ SMTP_URL, MAIL_FROM })) {
    if (value === undefined) context.addIssue({ code: 'custom', path: [name], message: 'is needed to send mail' });
  }
}).superRefine(({ BACKUP_TARGET, BACKUP_KEEP_DAYS }, context) => {
  if (BACKUP_TARGET === undefined || BACKUP_KEEP_DAYS > 0) return;
  context.addIssue({ code: 'custom', path: ['BACKUP_KEEP_DAYS'], message: 'must be 1 at least where BACKUP_TARGET is set: certificates name the day from which no backup is left' });
}).superRefine(({ TEMPORAL_TLS_CERT, TEMPORAL_TLS_KEY }, context) => {
  if ((TEMPORAL_TLS_CERT === undefined) === (TEMPORAL_TLS_KEY === undefined)) return;
  const [missing, given] = TEMPORAL_TLS_KEY === undefined ? ['TEMPORAL_TLS_KEY', 'TEMPORAL_TLS_CERT'] : ['TEMPORAL_TLS_CERT', 'TEMPORAL_TLS_KEY'];
  context.addIssue({ code: 'custom', path: [missing], message: `is needed where ${given} is set` });
}).superRefine(({ KEY_STORE, TRANSIT_URL, TRANSIT_KEY, TRANSIT_TOKEN_FILE, AWS_KMS_KEY }, context) => {
  const needed = { 'file': {}, 'transit': { TRANSIT_URL, TRANSIT_KEY, TRANSIT_TOKEN_FILE }, 'aws-kms': { AWS_KMS_KEY } }[KEY_STORE];
  for (const [name, value] of Object.entries(needed)) {
    if (value === undefined) context.addIssue({ code: 'custom', path: [name], message: `is needed where KEY_STORE is ${KEY_STORE}` });
  }
}).superRefine(({ LEADWARDEN_TIME_SHIFT, DATABASE_URL, TEMPORAL_ADDRESS, LEADWARDEN_ARCHIVE, ARCHIVE_S3_ENDPOINT }, context) => {
  if (LEADWARDEN_TIME_SHIFT === undefined) return;
  const bucketHost = LEADWARDEN_ARCHIVE?.startsWith('s3:') ? new URL(ARCHIVE_S3_ENDPOINT ?? 'https://s3.amazonaws.com').hostname : undefined;
  const elsewhere = { LEADWARDEN_ARCHIVE: bucketHost, DATABASE_URL: DATABASE_URL && databaseHost(DATABASE_URL), TEMPORAL_ADDRESS: TEMPORAL_ADDRESS?.replace(/:\d+$/, '') };
  for (const [name, host] of Object.entries(elsewhere)) {
    if (host !== undefined && !isLocal(host)) context.addIssue({ code: 'custom', path: [name], message: REAL_STORE });
  }
});

export type Config = ReturnType<typeof loadConfig>;

/**
 * What the environment asks for, read once by each process's entry point. All problems are reported together, by variable
 * name and never by value: several of them are secrets.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim() !== ''));
  const parsed = environment.safeParse(given, { error: wrongValue });
  if (!parsed.success) {
    // Of two about one variable the later is ours: before it the schema names the limits of all whole numbers.
    const problems = new Map(parsed.error.issues.map((issue) => [issue.path.join('.'), issue.message]));
    const lines = Array.from(problems, ([name, message]) => `  ${name}: ${message}`);
    throw new Error(`The environment cannot be used as it is:\n${lines.join('\n')}`);
  }
  const value = parsed.data;
  const home = resolve(value.LEADWARDEN_HOME);
  return {
    home,
    ...foldersOf(value, home),
    ...keySettings(value),
    archive: archiveOf(value, home),
    backupKeepDays: value.BACKUP_KEEP_DAYS,
    adminKeyFile: value.LEADWARDEN_ADMIN_KEY_FILE,
    cacheFolder: resolve(home, 'cache'),
    sample: value.LEADWARDEN_SAMPLE === 'leads',
    timeShift: value.LEADWARDEN_TIME_SHIFT,
    host: value.HOST,
    port: value.PORT,
    publicUrl: value.PUBLIC_URL?.replace(/\/+$/, ''),
    metricsPort: value.METRICS_PORT,
    databaseUrl: withPassword(value.DATABASE_URL, value.DATABASE_PASSWORD_FILE),
    temporal: {
      address: value.TEMPORAL_ADDRESS,
      namespace: value.TEMPORAL_NAMESPACE,
      taskQueue: value.TEMPORAL_TASK_QUEUE,
      ui: value.TEMPORAL_UI,
      apiKey: value.TEMPORAL_API_KEY,
      tls: { cert: value.TEMPORAL_TLS_CERT, key: value.TEMPORAL_TLS_KEY, ca: value.TEMPORAL_TLS_CA },
      cliPath: value.TEMPORAL_CLI_PATH,
    },
    certifying: certifyingOf(value, home),
    reassigned: reassignedOf(value, home),
    listWarningDays: value.LIST_WARNING_DAYS,
    fetching: {
      inboxFolder: value.LEADWARDEN_LIST_INBOX ?? resolve(home, 'inbox'),
      credentialsFolder: value.LEADWARDEN_LIST_CREDENTIALS ?? resolve(home, 'credentials'),
      allowsPrivate: value.LIST_FETCH_PRIVATE === 'yes',
      maxBytes: value.LIST_FETCH_MOST_BYTES,
      settleMs: value.LIST_SETTLE_SECONDS * 1_000,
    },
    webhooks: { allowsPrivate: value.WEBHOOK_PRIVATE === 'yes' },
    backup: { folder: value.BACKUP_TARGET, keyringFolder: value.BACKUP_KEYRING_TARGET ?? null, keyFile: value.BACKUP_KEY_FILE },
    proxyHops: value.PROXY_HOPS,
    messaging: messagingOf(value),
    workflowBundle: value.WORKFLOW_BUNDLE,
    relay: { rate: value.RELAY_RATE, rateDuringImport: value.RELAY_RATE_DURING_IMPORT },
    logLevel: value.LOG_LEVEL,
  };
}

/** What is wrong with a value, in words of whoever sets it; undefined where the schema itself says it. */
function wrongValue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': return issue.expected === 'int' ? 'must be a whole number' : 'must be a number';
    case 'too_small': return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big': return `must be at most ${issue.maximum}`;
    case 'invalid_value': return `must be one of: ${issue.values.join(', ')}`;
    default: return undefined;
  }
}

/** How keys are protected and changed. */
function keySettings(value: z.infer<typeof environment>) {
  return {
    keyStore: keyStoreOf(value),
    keyRefreshMs: value.KEY_REFRESH_SECONDS * 1_000,
    keyRotationDays: value.KEY_ROTATION_DAYS,
  };
}

/** How the providers of consent certificates are asked. */
function certifyingOf(value: z.infer<typeof environment>, home: string) {
  return {
    credentialsFolder: value.CERTIFICATES_CREDENTIALS ?? value.LEADWARDEN_LIST_CREDENTIALS ?? resolve(home, 'credentials'),
    trustedFormUrl: value.CERTIFICATES_TRUSTEDFORM_URL,
    verifies: value.CERTIFICATES_TRUSTEDFORM_VERIFY === 'yes',
    jornayaUrl: value.CERTIFICATES_JORNAYA_URL,
    jornayaProvider: value.CERTIFICATES_JORNAYA_PROVIDER,
    allowsPrivate: value.CERTIFICATES_PRIVATE === 'yes',
    timeoutMs: value.CERTIFICATES_TIMEOUT_SECONDS * 1_000,
  };
}

/** How a database of reassigned numbers is asked. A rehearsal asks nobody: every answer is paid for, and about another day. */
function reassignedOf(value: z.infer<typeof environment>, home: string) {
  return {
    url: value.LEADWARDEN_TIME_SHIFT === undefined ? value.REASSIGNED_URL ?? null : null,
    credentialsFolder: value.REASSIGNED_CREDENTIALS ?? value.LEADWARDEN_LIST_CREDENTIALS ?? resolve(home, 'credentials'),
    perSecond: value.REASSIGNED_PER_SECOND,
    allowsPrivate: value.REASSIGNED_PRIVATE === 'yes',
    timeoutMs: value.REASSIGNED_TIMEOUT_SECONDS * 1_000,
  };
}

/** What protects the keys in the key folder. */
function keyStoreOf(value: z.infer<typeof environment>) {
  const { TRANSIT_URL: url = '', TRANSIT_MOUNT: mount, TRANSIT_KEY: transitKey = '', TRANSIT_TOKEN_FILE: tokenFile = '' } = value;
  const { AWS_KMS_KEY: kmsKey = '', AWS_KMS_REGION: region, AWS_KMS_ENDPOINT: endpoint } = value;
  switch (value.KEY_STORE) {
    case 'file': return { kind: 'file' as const };
    case 'transit': return { kind: 'transit' as const, url: url.replace(/\/+$/, ''), mount, key: transitKey, tokenFile };
    case 'aws-kms': return { kind: 'aws-kms' as const, key: kmsKey, region, endpoint };
  }
}

/** Where bundles of archived leads go: a folder of the home, unless another place is named. */
function archiveOf(value: z.infer<typeof environment>, home: string) {
  const { LEADWARDEN_ARCHIVE: place = resolve(home, 'archive') } = value;
  const [, bucket, prefix = ''] = S3_PLACE.exec(place) ?? [];
  if (bucket === undefined) return { folder: resolve(place) };
  return {
    bucket,
    prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
    endpoint: value.ARCHIVE_S3_ENDPOINT,
    region: value.ARCHIVE_S3_REGION,
    credentialsFile: value.ARCHIVE_S3_CREDENTIALS,
  };
}

/** Folders of the home, unless others are named. */
function foldersOf(value: z.infer<typeof environment>, home: string) {
  // What a rehearsal does to its copy of a store never happened: in the journal of the store itself, the next restore would do it
  // to the leads of that one.
  const journal = value.LEADWARDEN_TIME_SHIFT === undefined ? value.LEADWARDEN_JOURNAL ?? resolve(home, 'journal') : null;
  return {
    keyFolder: value.LEADWARDEN_KEYS ?? resolve(home, 'keys'),
    uploadFolder: value.LEADWARDEN_UPLOADS ?? resolve(home, 'uploads'),
    listFolder: value.LEADWARDEN_LISTS ?? resolve(home, 'lists'),
    journalFolder: journal ?? resolve(home, 'journal-of-rehearsals'),
  };
}

/** By which way persons are written to: by mail where there is a server for it, else into the log. */
function messagingOf(value: z.infer<typeof environment>) {
  const { CONFIRMATION_ADAPTER, MAIL_FROM: mailFrom = '', PUBLIC_URL, HOST, PORT = DEFAULT_PORT } = value;
  const smtpUrl = withPassword(value.SMTP_URL, value.SMTP_PASSWORD_FILE);
  const adapter = CONFIRMATION_ADAPTER ?? (smtpUrl === undefined ? 'log' : 'smtp');
  if (adapter !== 'smtp' || smtpUrl === undefined) return { adapter: adapter === 'crm' ? 'crm' as const : 'log' as const };
  const host = HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST;
  const publicUrl = PUBLIC_URL ?? `http://${host.includes(':') ? `[${host}]` : host}:${PORT}`;
  return { adapter: 'smtp' as const, smtpUrl, mailFrom, publicUrl };
}

/** A name of this machine, or the folder of a Unix socket. */
function isLocal(host: string): boolean {
  return LOOPBACK.has(host) || host.startsWith('/');
}

/** Where the connection really goes: a `host` parameter outdoes the address. */
function databaseHost(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  return url.searchParams.get('host') ?? url.hostname;
}

/** How to reach Temporal: address, namespace and, for a cluster that asks for them, client certificate or API key. */
export function temporalConnectionOptions({ temporal }: Config) {
  const { address = '127.0.0.1:7233', apiKey, tls: { cert, key, ca } } = temporal;
  const tls = {
    ...(cert && key ? { clientCertPair: { crt: Buffer.from(cert), key: Buffer.from(key) } } : {}),
    ...(ca ? { serverRootCACertificate: Buffer.from(ca) } : {}),
  };
  return { address, ...(cert ?? ca ?? apiKey ? { tls } : {}), ...(apiKey ? { apiKey } : {}) };
}
