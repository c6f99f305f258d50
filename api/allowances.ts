import type { ServerResponse } from 'node:http';
import { ipKeyGenerator, MemoryStore, type Options } from 'express-rate-limit';
import { DomainError } from '../domain/problem.ts';
import { exchangeOf } from './exchange.ts';
import { addressOf } from './person/visitor.ts';
import type { Incoming, Step } from './step.ts';

const WINDOW_MS = 60_000;

/** Each key has its own allowance in each process; who has none shares that of the address. */
export function limitCallers(perMinute: number): Step {
  return limitBy(perMinute, (request, response) => exchangeOf(response).caller?.keyId ?? networkOf(request.socket.remoteAddress));
}

/** Each address has its own allowance of pages for persons, seen through so many proxies of ours. */
export function limitVisitors(perMinute: number, proxyHops: number): Step {
  return limitBy(perMinute, (request) => networkOf(addressOf(request, proxyHops)));
}

/** Whoever has a whole network of IPv6 addresses counts as one. */
function networkOf(address: string | undefined): string {
  return address === undefined ? 'unknown' : ipKeyGenerator(address);
}

/**
 * Counts requests in windows of a minute and says in every answer what is left (draft-ietf-httpapi-ratelimit-headers-08).
 * Only the library's counter is used: its middleware also hashes the name for a header, and waits four times in between.
 */
function limitBy(perMinute: number, nameOf: (request: Incoming, response: ServerResponse) => string): Step {
  const store = new MemoryStore();
  store.init({ windowMs: WINDOW_MS } as Options);
  const policy = `"requests"; q=${perMinute}; w=${WINDOW_MS / 1000}`;
  return async (request, response, next) => {
    const { totalHits, resetTime } = await store.increment(nameOf(request, response));
    const { headers } = exchangeOf(response);
    const seconds = secondsUntil(resetTime);
    headers['ratelimit-policy'] = policy;
    headers.ratelimit = `"requests"; r=${Math.max(0, perMinute - totalHits)}; t=${seconds}`;
    if (totalHits <= perMinute) return next();
    headers['retry-after'] = String(seconds);
    next(new DomainError('too_many_requests', 'The header Retry-After says when to go on.'));
  };
}

function secondsUntil(moment: Date | undefined): number {
  // eslint-disable-next-line no-restricted-syntax -- the library's windows are of the machine's own clock
  return Math.max(1, Math.ceil(((moment?.getTime() ?? 0) - Date.now()) / 1000));
}
