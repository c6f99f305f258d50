import type { Logger } from 'pino';
import { startExchange, type Exchange } from './exchange.ts';
import type { Step } from './step.ts';
import type { Metrics } from './metrics.ts';

/**
 * One line and one measurement for each request. The route's template stands for the path, and no query, header or body is
 * written down: any of them can hold personal data. `always` are the headers of every answer.
 */
export function logRequests(log: Logger, metrics: Metrics, always: Readonly<Record<string, string>>): Step {
  return (request, response, next) => {
    const exchange = startExchange(request, response, always);
    metrics.started();
    response.once('close', () => {
      const ms = performance.now() - exchange.startedAt;
      const status = response.writableFinished ? response.statusCode : ABANDONED;
      metrics.finished(operationOf(exchange), status, ms / 1000);
      const line = lineOf(exchange, request.method ?? '', status, ms);
      if (status >= 500) log.error(line, 'request');
      else log.info(line, 'request');
    });
    next();
  };
}

/** The status that logs and metrics give a request whose caller went away before the answer was complete. */
const ABANDONED = 499;

function operationOf(exchange: Exchange): string {
  return exchange.route?.operation ?? 'none';
}

function lineOf(exchange: Exchange, method: string, status: number, ms: number) {
  return {
    requestId: exchange.requestId,
    operation: operationOf(exchange),
    method: KNOWN_METHODS.has(method) ? method : 'other',
    route: exchange.route?.path ?? 'none',
    status,
    ms: Math.round(ms * 10) / 10,
    ...(exchange.caller ? { keyId: exchange.caller.keyId } : {}),
    ...(exchange.problem ? { problem: exchange.problem } : {}),
  };
}

const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
