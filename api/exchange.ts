import { randomUUID } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Caller } from './authentication.ts';
import type { Route } from './route.ts';

/** What is known of one request while it is answered. */
export interface Exchange {
  requestId: string;
  /** `performance.now()` when it came in. */
  startedAt: number;
  /** Headers of the answer, by name in small letters; written in one go, since Node checks and copies each that is set alone. */
  headers: OutgoingHttpHeaders;
  route?: Route;
  caller?: Caller;
  /** Code of the refusal, when it was one. */
  problem?: string;
}

const ACCEPTABLE_ID = /^[A-Za-z0-9._-]{1,64}$/;

const EXCHANGE = Symbol('exchange');

type Answering = ServerResponse & { [EXCHANGE]?: Exchange };

/** Begins to keep what is known of a request; `always` are the headers that every answer has. */
export function startExchange(
  request: IncomingMessage, response: Answering, always: Readonly<Record<string, string>>,
): Exchange {
  const given = request.headers['x-request-id'];
  const requestId = typeof given === 'string' && ACCEPTABLE_ID.test(given) ? given : randomUUID();
  const exchange = { requestId, startedAt: performance.now(), headers: { ...always, 'x-request-id': requestId } };
  response[EXCHANGE] = exchange;
  return exchange;
}

export function exchangeOf(response: Answering): Exchange {
  return response[EXCHANGE] as Exchange;
}

/** Ends an answer with a body that is all there, or with none. */
export function endAnswer(response: ServerResponse, status: number, body?: string | Buffer): void {
  const { headers } = exchangeOf(response);
  if (status !== 204 && status !== 304) headers['content-length'] = body === undefined ? 0 : Buffer.byteLength(body);
  response.writeHead(status, headers).end(body);
}
