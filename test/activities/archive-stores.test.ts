import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { GetBucketVersioningCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createArchiveStore } from '../../activities/archiving/archive-stores.ts';
import { FolderStore } from '../../activities/archiving/folder-store.ts';
import { S3Store, type S3Settings } from '../../activities/archiving/s3-store.ts';
import type { ArchiveStore } from '../../endings/archive/archive-store.ts';
import { newObjectName } from '../../endings/archive/object-name.ts';
import { newId } from '../../db/ids.ts';
import { startObjectServer, type ObjectServer } from '../setup/object-store.ts';
import { runFolder } from '../setup/suite.ts';

let server: ObjectServer;
let settings: { plain: S3Settings; versioned: S3Settings };
beforeAll(async () => {
  server = await startObjectServer();
  settings = { plain: await server.createBucket(), versioned: await server.createBucket({ versioned: true }) };
}, 600_000);
afterAll(() => server.stop());

const folder = () => join(runFolder(), `archive-${randomUUID()}`);
const STORES: [string, () => ArchiveStore][] = [
  ['a folder', () => createArchiveStore({ folder: folder() })],
  ['a bucket', () => createArchiveStore(settings.plain)],
  ['a bucket that keeps versions', () => createArchiveStore(settings.versioned)],
];

describe.each(STORES)('an archive in %s', (_, create) => {
  it('gives back what was put, and nothing under any other name', async () => {
    const store = create();
    const [object, bytes] = [newObjectName(newId()), randomBytes(5_000)];
    await store.put(object, bytes);
    expect(await store.get(object)).toEqual(bytes);
    expect(await store.get(newObjectName(newId()))).toBeNull();
  });

  it('takes many at once', async () => {
    const store = create();
    const objects = Array.from({ length: 40 }, () => ({ object: newObjectName(newId()), bytes: randomBytes(300) }));
    await Promise.all(objects.map(({ object, bytes }) => store.put(object, bytes)));
    const kept = await Promise.all(objects.map(({ object }) => store.get(object)));
    expect(kept).toEqual(objects.map(({ bytes }) => bytes));
  });

  it('has nothing left of what was removed, and removes what is not there', async () => {
    const store = create();
    const [object, other] = [newObjectName(newId()), newObjectName(newId())];
    for (let n = 0; n < 3; n += 1) await store.put(object, randomBytes(100));
    await store.put(other, Buffer.from('stays'));
    await store.remove(object);
    await store.remove(object);
    expect(await store.get(object)).toBeNull();
    expect((await store.get(other))?.toString()).toBe('stays');
  });
});

describe('a bucket that keeps versions', () => {
  it('does keep them, until the object is removed', async () => {
    const { bucket, prefix } = settings.versioned;
    const status = await server.client.send(new GetBucketVersioningCommand({ Bucket: bucket }));
    expect(status.Status).toBe('Enabled');
    const store = new S3Store(settings.versioned);
    const object = newObjectName(newId());
    for (let n = 0; n < 3; n += 1) await store.put(object, randomBytes(100));
    const versions = async () => {
      const list = new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix + object });
      const { Versions = [], DeleteMarkers = [] } = await server.client.send(list);
      return [...Versions, ...DeleteMarkers].length;
    };
    expect(await versions()).toBe(3);
    await store.remove(object);
    expect(await versions()).toBe(0);
  });
});

describe('an archive in a folder', () => {
  it('lets nobody but its owner in, and has no half-written files', async () => {
    const place = folder();
    const store = new FolderStore(place);
    const objects = Array.from({ length: 20 }, () => newObjectName(newId()));
    await Promise.all(objects.map((object) => store.put(object, Buffer.from(object))));
    const names = await readdir(place, { recursive: true, withFileTypes: true });
    for (const entry of names) {
      const { mode } = await stat(join(entry.parentPath, entry.name));
      expect(mode & 0o777).toBe(entry.isDirectory() ? 0o700 : 0o600);
    }
    expect(names.filter((entry) => entry.isFile())).toHaveLength(20);
    for (const object of objects) expect(await readFile(join(place, object), 'utf8')).toBe(object);
  });

  it('says so where it cannot be written', async () => {
    const file = folder();
    await writeFile(file, '');
    await expect(new FolderStore(file).put(newObjectName(newId()), Buffer.from('x'))).rejects.toThrow();
  });
});

describe('an archive in a bucket', () => {
  const others: Server[] = [];
  afterAll(() => others.forEach((each) => { each.closeAllConnections(); each.close(); }));

  async function serve(answer: Parameters<typeof createServer>[1]): Promise<S3Settings> {
    const other = createServer(answer).listen(0, '127.0.0.1');
    await once(other, 'listening');
    others.push(other);
    const { port } = other.address() as { port: number };
    return { ...settings.plain, endpoint: `http://127.0.0.1:${port}` };
  }

  it('takes other credentials as soon as they are in their file, and does not go on with old ones', async () => {
    const credentials = await readFile(settings.plain.credentialsFile ?? '', 'utf8');
    const credentialsFile = join(runFolder(), `credentials-${randomUUID()}.json`);
    const store = new S3Store({ ...settings.plain, credentialsFile });
    const [object, bytes] = [newObjectName(newId()), randomBytes(100)];
    await writeFile(credentialsFile, credentials);
    await store.put(object, bytes);
    await writeFile(credentialsFile, JSON.stringify({ accessKeyId: 'wrong', secretAccessKey: 'hunter2' }));
    await expect(store.get(object)).rejects.toThrow();
    await writeFile(credentialsFile, credentials);
    expect(await store.get(object)).toEqual(bytes);
    await writeFile(credentialsFile, JSON.stringify({ ...JSON.parse(credentials) as object, secretAccessKey: 'hunter2' }));
    await expect(store.put(object, bytes)).rejects.toThrow();
    await expect(store.remove(object)).rejects.toThrow();
    await writeFile(credentialsFile, credentials);
    await store.remove(object);
    expect(await store.get(object)).toBeNull();
  });

  it.each(['', 'hunter2', 'null', '"hunter2"', '{"accessKeyId":"a"}', '{"accessKeyId":"hunter2","secretAccessKey":'])(
    'says which variable is wrong, and quotes nothing, where the file of credentials holds %j',
    async (content) => {
      const credentialsFile = join(runFolder(), `credentials-${randomUUID()}.json`);
      await writeFile(credentialsFile, content);
      const store = new S3Store({ ...settings.plain, credentialsFile });
      const failure: unknown = await store.get(newObjectName(newId())).catch((error: unknown) => error);
      expect(String(failure)).toMatch(/ARCHIVE_S3_CREDENTIALS must name a file/);
      expect(inspect(failure)).not.toContain('hunter2');
    },
  );

  it('gives up on a store that is not there', async () => {
    const store = new S3Store({ ...settings.plain, endpoint: 'http://127.0.0.1:1' });
    await expect(store.put(newObjectName(newId()), Buffer.from('x'))).rejects.toThrow();
    await expect(store.get(newObjectName(newId()))).rejects.toThrow();
    await expect(store.remove(newObjectName(newId()))).rejects.toThrow();
  });

  it('gives up on a store that takes the question and never answers', async () => {
    const store = new S3Store(await serve(() => undefined));
    await expect(store.get(newObjectName(newId()))).rejects.toThrow();
  });

  it('takes no error of the store for the absence of an object', async () => {
    const wrongBucket = new S3Store({ ...settings.plain, bucket: 'no-such-bucket' });
    await expect(wrongBucket.get(newObjectName(newId()))).rejects.toThrow();
    const broken = new S3Store(await serve((_, response) => void response.writeHead(500).end()));
    await expect(broken.get(newObjectName(newId()))).rejects.toThrow();
  });
});
