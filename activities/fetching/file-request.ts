import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { guardedLookup, requireAllowedUrl } from './allowed-address.ts';
import { FetchFailure } from './list-fetcher.ts';

export interface RequestLimits {
  /** How long a server may send nothing. */
  stallMs: number;
  allowsPrivate: boolean;
}

const MOST_REDIRECTS = 3;
/** How long more bytes than announced are waited for. */
const SURPLUS_MS = 150;
const LONGEST_RETRY_AFTER_S = 3_600;

/** One connection to one server, for as long as a file takes; `close()` it. */
export class FileConnection {
  readonly #agent: HttpAgent;
  readonly #limits: RequestLimits;
  readonly #signal: AbortSignal;
  #socket: Socket | null = null;
  #isBabble = false;

  constructor(url: URL, limits: RequestLimits, signal: AbortSignal) {
    const options = { keepAlive: true, maxSockets: 1 };
    this.#agent = url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
    this.#limits = limits;
    this.#signal = signal;
  }

  /** The head of the answer to a GET: 200, 206, 304 or 416. Redirects within the host are followed; all else fails. */
  async get(url: URL, headers: Record<string, string>): Promise<IncomingMessage> {
    let at = url;
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
      requireAllowedUrl(at, this.#limits.allowsPrivate);
      const response = await this.#send(at, headers);
      const status = response.statusCode ?? 0;
      if ([200, 206, 304, 416].includes(status)) return response;
      response.destroy();
      if (![301, 302, 303, 307, 308].includes(status)) throw failureOf(response);
      at = sameOrigin(at, response.headers.location);
    }
    throw new FetchFailure('redirect_refused');
  }

  /** Whether the server goes on sending after what it called the end. */
  async hasSurplus(): Promise<boolean> {
    const before = this.#socket?.bytesRead ?? 0;
    await sleep(SURPLUS_MS);
    return this.#isBabble || (this.#socket?.bytesRead ?? 0) > before;
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(url: URL, headers: Record<string, string>): Promise<IncomingMessage> {
    const { stallMs, allowsPrivate } = this.#limits;
    const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const request = start(url, { agent: this.#agent, headers, signal: this.#signal, lookup: guardedLookup(allowsPrivate) });
      let moving: { destroy(error: Error): unknown } = request;
      request.once('response', (response) => {
        moving = response;
        resolve(response);
      });
      request.on('error', (error) => {
        // Once there is a head, the body tells of what breaks, but not of what follows it.
        this.#isBabble ||= 'code' in error && String(error.code).startsWith('HPE_');
        reject(failureFrom(error, this.#signal));
      });
      request.setTimeout(stallMs, () => moving.destroy(new FetchFailure('stalled')));
      request.once('socket', (socket) => (this.#socket = socket));
      request.end();
    });
  }
}

/** What became of a connection, in our own words. A run that is told to stop fails as what stopped it. */
export function failureFrom(error: unknown, signal: AbortSignal, otherwise: 'unreachable' | 'cut_off' = 'unreachable'): Error {
  if (signal.aborted && signal.reason instanceof Error) return signal.reason;
  return error instanceof FetchFailure ? error : new FetchFailure(otherwise);
}

function sameOrigin(from: URL, location: string | undefined): URL {
  const to = location !== undefined && URL.canParse(location, from.href) ? new URL(location, from) : null;
  if (to?.origin !== from.origin) throw new FetchFailure('redirect_refused');
  return to;
}

function failureOf({ statusCode = 0, headers }: IncomingMessage): FetchFailure {
  if (statusCode === 401 || statusCode === 403) return new FetchFailure('credentials_refused');
  if (statusCode < 500 && statusCode !== 408 && statusCode !== 429) return new FetchFailure('refused');
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return new FetchFailure('busy', seconds >= 0 ? Math.min(seconds, LONGEST_RETRY_AFTER_S) * 1_000 : null);
}
