import type { Request, Response } from 'express';
import { randomUUID } from 'node:crypto';
import type { Caller } from './authentication.ts';
import type { Route } from './route.ts';

/** What is known of one request while it is answered; kept in `response.locals`. */
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

export function startExchange(request: Request, response: Response): Exchange {
  const given = request.get('x-request-id');
  const requestId = given !== undefined && ACCEPTABLE_ID.test(given) ? given : randomUUID();
  const exchange: Exchange = { requestId, startedAt: performance.now() };
  response.locals.exchange = exchange;
  response.setHeader('x-request-id', requestId);
  return exchange;
}

export function exchangeOf(response: Response): Exchange {
  return response.locals.exchange as Exchange;
}
