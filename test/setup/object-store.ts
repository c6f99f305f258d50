import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Settings } from '../../activities/archiving/s3-store.ts';
import { takeLock } from '../../local/lock.ts';
import { eventually } from './house.ts';
import { runFolder } from './suite.ts';

const VERSION = 'v1.8.0';
const MODULE = `github.com/versity/versitygw/cmd/versitygw@${VERSION}`;
const BUILD_WAIT_MS = 10 * 60_000;
const run = promisify(execFile);

/** An S3-compatible server of a test's own, over a folder. */
export interface ObjectServer {
  endpoint: string;
  client: S3Client;
  /** A new bucket, and what it takes to use it as an archive. */
  createBucket(options?: { versioned?: boolean }): Promise<S3Settings>;
  process: ChildProcess;
  stop(): Promise<void>;
}

export async function startObjectServer(): Promise<ObjectServer> {
  const program = await findProgram();
  const folder = join(runFolder(), `objects-${randomUUID()}`);
  for (const name of ['data', 'versions']) await mkdir(join(folder, name), { recursive: true });
  const [accessKeyId, secretAccessKey] = [randomBytes(8).toString('hex'), randomBytes(16).toString('hex')];
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const server = spawn(program, ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', '--versioning-dir', join(folder, 'versions'), join(folder, 'data')], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
    stdio: 'ignore',
  });
  const credentialsFile = join(folder, 'credentials.json');
  await writeFile(credentialsFile, JSON.stringify({ accessKeyId, secretAccessKey }), { mode: 0o600 });
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  const answers = await eventually(() => fetch(endpoint).then(() => true, () => false));
  if (!answers) throw new Error('the S3-compatible server does not answer');
  return {
    endpoint,
    client,
    process: server,
    async createBucket({ versioned = false } = {}) {
      const bucket = `archive-${randomBytes(6).toString('hex')}`;
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      if (versioned) await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }));
      return { bucket, prefix: 'leadwarden/', endpoint, region: 'us-east-1', credentialsFile };
    },
    async stop() {
      client.destroy();
      if (server.exitCode === null && server.signalCode === null) {
        server.kill('SIGKILL');
        await once(server, 'exit');
      }
    },
  };
}

/** The program, built from its source the first time and kept for all runs of this user. */
async function findProgram(): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'leadwarden');
  await mkdir(cache, { recursive: true });
  const program = join(cache, `versitygw-${VERSION}`);
  const isThere = () => access(program).then(() => true, () => false);
  if (await isThere()) return program;
  const lock = await takeLock(`${program}.lock`, BUILD_WAIT_MS);
  if (lock === null) throw new Error('another run has been building the S3-compatible server for too long');
  const folder = await mkdtemp(`${program}.`);
  try {
    if (await isThere()) return program;
    await run('go', ['install', MODULE], { env: { ...process.env, GOBIN: folder, GOFLAGS: '', CGO_ENABLED: '0' }, timeout: BUILD_WAIT_MS });
    await rename(join(folder, 'versitygw'), program);
    return program;
  } finally {
    await rm(folder, { recursive: true, force: true });
    lock.release();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
