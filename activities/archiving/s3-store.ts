import { createHash } from 'node:crypto';
import {
  DeleteObjectCommand, GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client,
  type ListObjectVersionsCommandOutput, type S3ClientConfig,
} from '@aws-sdk/client-s3';
import type { ArchiveStore } from '../../endings/archive/archive-store.ts';
import { readSecret } from '../../keys/secret-files.ts';

/** Where objects go: a bucket of an S3-compatible store. */
export interface S3Settings {
  bucket: string;
  /** Before every name, such as `leadwarden/`; empty for none. */
  prefix: string;
  /** Left out: AWS itself, in the region. */
  endpoint: string | undefined;
  region: string;
  /** A file of JSON with accessKeyId and secretAccessKey; left out: what the AWS SDK finds by itself. */
  credentialsFile: string | undefined;
}

/** Of everything that one object takes, repetitions included: whoever asked has other ways to wait. */
const PATIENCE_MS = 8_000;
const ATTEMPTS = 3;
const CONNECT_WITHIN_MS = 2_000;
const ANSWER_WITHIN_MS = 5_000;

/** An archive in an object store. What is put is checked by the store; what is removed is gone in every version. */
export class S3Store implements ArchiveStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor({ bucket, prefix, endpoint, region, credentialsFile }: S3Settings) {
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#client = new S3Client({
      region,
      // Stores of one's own seldom have a name for each bucket.
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      ...(credentialsFile === undefined ? {} : { credentials: credentialsIn(credentialsFile) }),
      maxAttempts: ATTEMPTS,
      requestHandler: { connectionTimeout: CONNECT_WITHIN_MS, requestTimeout: ANSWER_WITHIN_MS, throwOnRequestTimeout: true },
    });
  }

  async put(object: string, bytes: Uint8Array): Promise<void> {
    await this.#client.send(new PutObjectCommand({
      ...this.#place(object), Body: bytes, ContentLength: bytes.length, ContentType: 'application/octet-stream',
      ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
    }), patience());
  }

  async get(object: string): Promise<Buffer | null> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand(this.#place(object)), patience());
      return Body ? Buffer.from(await Body.transformToByteArray()) : null;
    } catch (error) {
      if (nameOf(error) === 'NoSuchKey') return null;
      throw error;
    }
  }

  async remove(object: string): Promise<void> {
    const signal = patience();
    const place = this.#place(object);
    for (const VersionId of await this.#versionsOf(place, signal)) {
      await this.#client.send(new DeleteObjectCommand({ ...place, ...(VersionId === null ? {} : { VersionId }) }), signal);
    }
  }

  /**
   * The ids of all versions of an object, marks of deletion included; null for the object itself where the store knows no
   * versions.
   */
  async #versionsOf(place: { Bucket: string; Key: string }, signal: { abortSignal: AbortSignal }): Promise<(string | null)[]> {
    const found: (string | null)[] = [];
    for (let marks: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | null = {}; marks !== null;) {
      const page: ListObjectVersionsCommandOutput | null = await this.#client
        .send(new ListObjectVersionsCommand({ Bucket: place.Bucket, Prefix: place.Key, ...marks }), signal)
        .catch((error: unknown) => {
          if (nameOf(error) === 'NotImplemented') return null;
          throw error;
        });
      if (page === null) return [null];
      const versions = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].filter(({ Key }) => Key === place.Key);
      found.push(...versions.map(({ VersionId }) => VersionId ?? null));
      marks = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : null;
    }
    return found;
  }

  #place(object: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + object };
  }
}

function patience(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(PATIENCE_MS) };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/**
 * Read for every request, so that another file takes effect at once: the client asks again for what has expired, and takes
 * nothing else from the moment. Errors quote nothing: what the file holds is secret even where it is not JSON.
 */
function credentialsIn(file: string): NonNullable<S3ClientConfig['credentials']> {
  return async () => {
    const read = readSecret(file);
    if ('problem' in read) throw new Error(`ARCHIVE_S3_CREDENTIALS ${read.problem}`);
    const { accessKeyId, secretAccessKey } = parsed(read.content);
    if (typeof accessKeyId === 'string' && typeof secretAccessKey === 'string') {
      return { accessKeyId, secretAccessKey, expiration: new Date(0) };
    }
    throw new Error('ARCHIVE_S3_CREDENTIALS must name a file of JSON with accessKeyId and secretAccessKey');
  };
}

function parsed(json: string): Record<string, unknown> {
  try {
    return { ...JSON.parse(json) as object };
  } catch {
    return {};
  }
}
