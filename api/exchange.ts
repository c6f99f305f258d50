import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from './authentication.ts';
import type { Route } from './route.ts';

/** What is known of one request while it is answered. */
export interface Exchange {
  requestId: string;
  /** `performance.now()` when it came in. */
  startedAt: number;
  route?: Route;
  caller?: Caller;
  /** Code of the refusal, when it was one. */
  problem?: string;
}

const ACCEPTABLE_ID = /^[A-Za-z0-9._-]{8,64}$/;

const exchanges = new WeakMap<ServerResponse, Exchange>();

export function startExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const given = request.headers['x-request-id'];
  const requestId = typeof given === 'string' && ACCEPTABLE_ID.test(given) ? given : randomUUID();
  const exchange: Exchange = { requestId, startedAt: performance.now() };
  exchanges.set(response, exchange);
  response.setHeader('x-request-id', requestId);
  return exchange;
}

export function exchangeOf(response: ServerResponse): Exchange {
  return exchanges.get(response) as Exchange;
}
