import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isAllowedUrl, isThisMachine } from '../../intake/outward-address.ts';
import type { Attempt, AttemptFailure } from '../../domain/endpoint-health.ts';
import { guardedLookup } from '../fetching/allowed-address.ts';
import { FetchFailure } from '../fetching/list-fetcher.ts';
import type { WebhookMessage } from './message.ts';

/** Where messages may go. */
export interface Reach {
  allowsPrivate: boolean;
  /** On a copy of a store that is shown its future: nobody but this machine hears of that. */
  isRehearsal: boolean;
}

/** For a connection, and for an answer from the first moment on. */
export interface LineLimits {
  connectMs: number;
  answerMs: number;
}

/** So much of an answer is read, for the connection to be used again; nobody looks at it. */
const MOST_ANSWER_BYTES = 4_096;
const DRAIN_MS = 1_000;

/** The connections to one endpoint, for as long as a pass takes; `close()` it. */
export class Line {
  readonly #url: URL;
  readonly #agent: HttpAgent;
  readonly #reach: Reach;
  readonly #signal: AbortSignal;

  constructor(url: URL, connections: number, reach: Reach, signal: AbortSignal) {
    const options = { keepAlive: true, maxSockets: connections };
    this.#url = url;
    this.#agent = url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
    this.#reach = reach;
    this.#signal = signal;
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Sends a message and answers what came of it. Redirects are not followed. Throws only when the pass is told to stop. */
  async send(message: WebhookMessage, limits: LineLimits): Promise<Attempt> {
    const { allowsPrivate, isRehearsal } = this.#reach;
    if (!isAllowedUrl(this.#url, allowsPrivate) || (isRehearsal && !isThisMachine(this.#url))) return failed('address_refused');
    try {
      const response = await this.#post(message, limits);
      drain(response);
      return attemptOf(response);
    } catch (error) {
      if (this.#signal.aborted) throw error;
      return failed(wordOf(error));
    }
  }

  #post({ headers, body }: WebhookMessage, { connectMs, answerMs }: LineLimits): Promise<IncomingMessage> {
    const start = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const request = start(this.#url, {
        method: 'POST',
        agent: this.#agent,
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        lookup: guardedLookup(this.#reach.allowsPrivate),
        signal: this.#signal,
      });
      const timers = [cutOff(request, answerMs), connectingCutOff(request, connectMs)];
      const settle = () => timers.forEach((timer) => clearTimeout(timer));
      request.once('response', (response) => {
        settle();
        resolve(response);
      });
      request.on('error', (error) => {
        settle();
        reject(error);
      });
      request.end(body);
    });
  }
}

class TimedOut extends Error {}

function cutOff(request: ClientRequest, ms: number): NodeJS.Timeout {
  return setTimeout(() => request.destroy(new TimedOut()), ms);
}

/** Looking the name up, connecting and agreeing on keys; a connection that is there already takes none of it. */
function connectingCutOff(request: ClientRequest, ms: number): NodeJS.Timeout {
  const timer = cutOff(request, ms);
  request.once('socket', (socket) => {
    const connected = () => clearTimeout(timer);
    if (!socket.connecting) connected();
    else socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
  });
  return timer;
}

/** Lets a short answer end, so that the connection can be used again, and hangs up on a long one. */
function drain(response: IncomingMessage): void {
  let bytes = 0;
  const timer = setTimeout(() => response.destroy(), DRAIN_MS);
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) response.destroy();
  });
  response.on('error', () => undefined);
  response.once('close', () => clearTimeout(timer));
}

function attemptOf({ statusCode: status = 0, headers }: IncomingMessage): Attempt {
  if (status >= 200 && status < 300) return { isDelivered: true, status };
  return { isDelivered: false, failure: wordOfStatus(status), status, retryAfterMs: retryAfter(headers['retry-after'], headers.date) };
}

function wordOfStatus(status: number): AttemptFailure {
  if (status === 410) return 'gone';
  if (status === 429 || status === 503) return 'busy';
  return status >= 300 && status < 400 ? 'redirect_refused' : 'refused';
}

/** In seconds, or as a date, which is measured by the server's own clock. */
function retryAfter(value: string | undefined, date: string | undefined): number | null {
  if (value === undefined) return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const [until, from] = [Date.parse(value), Date.parse(date ?? '')];
  return Number.isNaN(until) || Number.isNaN(from) ? null : Math.max(0, until - from);
}

function failed(failure: AttemptFailure): Attempt {
  return { isDelivered: false, failure, status: null, retryAfterMs: null };
}

function wordOf(error: unknown): AttemptFailure {
  if (error instanceof TimedOut) return 'timed_out';
  if (error instanceof FetchFailure) return 'address_refused';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /CERT|SIGNATURE|SSL|TLS/.test(code) ? 'certificate_refused' : 'unreachable';
}
