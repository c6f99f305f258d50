import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { failureFrom, FileConnection, type RequestLimits } from './file-request.ts';
import { FetchFailure, type FoundFile, type ListFetcher, type Validators } from './list-fetcher.ts';

export interface DownloadSource {
  url: URL;
  /** The header `Authorization`, where the server asks for one. */
  authorization: string | null;
  /** `modified`: as of when the server says the file was made. `fetched`: as of the download. */
  asOf: 'modified' | 'fetched';
  /** Of the file that was taken last. */
  known: Validators | null;
}

export interface DownloadLimits extends RequestLimits {
  maxBytes: number;
  /** Pauses before a cut-off download is taken up again; after the last one it has failed. */
  resumeAfterMs: readonly number[];
}

interface Download {
  connection: FileConnection;
  response: IncomingMessage;
  /** As announced; null where the end is marked otherwise. */
  length: number | null;
}

/** Where a download broke off, and how often since it last moved. */
interface Interrupted {
  tag: string;
  received: number;
  length: number | null;
  failures: number;
  failure: Error;
}

/** Takes a file from a server by HTTPS. */
export class HttpsFetcher implements ListFetcher {
  readonly #source: DownloadSource;
  readonly #limits: DownloadLimits;
  readonly #now: () => Date;
  readonly #signal: AbortSignal;
  #isTaken = false;

  constructor(source: DownloadSource, limits: DownloadLimits, now: () => Date, signal: AbortSignal) {
    this.#source = source;
    this.#limits = limits;
    this.#now = now;
    this.#signal = signal;
  }

  async next(): Promise<FoundFile | null> {
    if (this.#isTaken) return null;
    this.#isTaken = true;
    const connection = new FileConnection(this.#source.url, this.#limits, this.#signal);
    try {
      return await this.#open(connection);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #open(connection: FileConnection): Promise<FoundFile | null> {
    const startedAt = this.#now();
    const response = await connection.get(this.#source.url, { ...this.#headers(), ...conditionsOf(this.#source) });
    if (response.statusCode === 304) {
      response.destroy();
      connection.close();
      return null;
    }
    if (response.statusCode !== 200) throw new FetchFailure('refused');
    if (response.headers['content-type']?.startsWith('text/html')) throw new FetchFailure('not_a_file');
    const length = lengthOf(response);
    this.#requireSize(length ?? 0);
    const modifiedAt = this.#source.asOf === 'modified' ? dateOf(response.headers['last-modified']) : null;
    return {
      body: Readable.from(this.#read({ connection, response, length }), { objectMode: false }),
      asOf: modifiedAt && modifiedAt < startedAt ? modifiedAt : startedAt,
      // What is dated by its download has to be taken again to be younger.
      validators: modifiedAt && { etag: response.headers.etag ?? null, lastModified: response.headers['last-modified'] ?? null },
      settle: () => Promise.resolve(),
    };
  }

  /** The bytes of the file, taken up again where they were cut off, as long as it is the same file. */
  async *#read({ connection, response: first, length }: Download): AsyncGenerator<Buffer> {
    const tag = tagOf(first);
    let [response, received, failures] = [first, 0, 0];
    try {
      for (;;) {
        const before = received;
        try {
          for await (const chunk of response as AsyncIterable<Buffer>) {
            received += chunk.length;
            this.#requireSize(received);
            yield chunk;
          }
          if (length !== null && received !== length) throw new FetchFailure('cut_off');
          if (await connection.hasSurplus()) throw new FetchFailure('length_wrong');
          return;
        } catch (error) {
          const failure = this.#failureOf(error);
          failures = received > before ? 1 : failures + 1;
          if (!isResumable(failure) || tag === null || received === 0) throw failure;
          response = await this.#resume(connection, { tag, received, length, failures, failure });
        }
      }
    } finally {
      response.destroy();
      connection.close();
    }
  }

  async #resume(connection: FileConnection, at: Interrupted): Promise<IncomingMessage> {
    const pause = this.#limits.resumeAfterMs[at.failures - 1];
    if (pause === undefined) throw at.failure;
    await sleep(pause, undefined, { signal: this.#signal }).catch((error: unknown) => Promise.reject(this.#failureOf(error)));
    const range = { range: `bytes=${at.received}-`, 'if-range': at.tag };
    const response = await connection.get(this.#source.url, { ...this.#headers(), ...range }).catch((error: unknown) => {
      throw this.#failureOf(error);
    });
    const start = new RegExp(`^bytes ${at.received}-\\d+/(\\d+|\\*)$`).exec(response.headers['content-range'] ?? '');
    const isSame = start !== null && (start[1] === '*' || at.length === null || Number(start[1]) === at.length);
    // A server that does not look at "If-Range" would send the rest of another file.
    if (response.statusCode === 206 && isSame && tagOf(response) === at.tag) return response;
    response.destroy();
    // The same file again, from its beginning: the server knows no ranges, and what failed is that it was cut off.
    if (response.statusCode === 200 && tagOf(response) === at.tag) throw at.failure;
    throw new FetchFailure('changed_meanwhile');
  }

  #headers(): Record<string, string> {
    const { authorization } = this.#source;
    return {
      'accept-encoding': 'identity',
      'user-agent': 'leadwarden',
      ...(authorization === null ? {} : { authorization }),
    };
  }

  #failureOf(error: unknown): Error {
    return failureFrom(error, this.#signal, 'cut_off');
  }

  #requireSize(bytes: number): void {
    if (bytes > this.#limits.maxBytes) throw new FetchFailure('too_large');
  }
}

function conditionsOf({ asOf, known }: DownloadSource): Record<string, string> {
  if (asOf === 'fetched' || known === null) return {};
  return {
    ...(known.etag === null ? {} : { 'if-none-match': known.etag }),
    ...(known.lastModified === null ? {} : { 'if-modified-since': known.lastModified }),
  };
}

/** A length that was announced, or null where the body marks its own end. Without either its end would be a guess. */
function lengthOf({ headers }: IncomingMessage): number | null {
  const length = headers['content-length'];
  if (length !== undefined && /^\d{1,15}$/.test(length)) return Number(length);
  if (headers['transfer-encoding']?.includes('chunked')) return null;
  throw new FetchFailure('length_unknown');
}

/** By what the rest of a file is asked for: only as long as it is byte for byte the same. */
function tagOf({ headers }: IncomingMessage): string | null {
  const { etag } = headers;
  return etag !== undefined && !etag.startsWith('W/') ? etag : (headers['last-modified'] ?? null);
}

function dateOf(header: string | undefined): Date | null {
  const time = Date.parse(header ?? '');
  return Number.isNaN(time) ? null : new Date(time);
}

function isResumable(failure: Error): boolean {
  return failure instanceof FetchFailure && (failure.code === 'cut_off' || failure.code === 'stalled' || failure.code === 'unreachable');
}
