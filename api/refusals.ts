import type { ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { DomainError, type ProblemCode } from '../domain/problem.ts';
import { endAnswer, exchangeOf, type Exchange } from './exchange.ts';
import { refusalOf, traceOf } from './failures.ts';
import { discard } from './json-body.ts';
import type { Metrics } from './metrics.ts';
import { headersOf, HTML } from './person/document.ts';
import { refusalPage } from './person/notices.ts';
import { createProblem, PROBLEM_TYPE, statusOf } from './problems.ts';
import type { Incoming, Step } from './step.ts';

const RETRY_AFTER_SECONDS = '2';

export type Refusing = (error: unknown, request: Incoming, response: ServerResponse) => void;

/** Answers whatever went wrong as problem+json; what should not have happened goes to the log, without its message. */
export function sendRefusals(log: Logger, metrics: Metrics): Refusing {
  return (error, request, response) => {
    const exchange = exchangeOf(response);
    const refusal = isUndecodablePath(error) ? unknownRoute() : refusalOf(error);
    exchange.problem = refusal.code;
    metrics.refused(refusal.code);
    const status = statusOf(refusal.code);
    const { requestId, route } = exchange;
    if (status >= 500) log.error({ requestId, operation: route?.operation, ...traceOf(error) }, refusal.code);
    // Somebody was refused already who waited in vain.
    if (response.writableEnded) return;
    if (response.headersSent) return void response.destroy();
    if (!request.complete) discard(request);
    setHeaders(exchange, refusal.code);
    if (route?.person) return endWithPage(refusal.code, request, response);
    endAnswer(response, status, JSON.stringify(createProblem(refusal.code, refusal.message, requestId, refusal.parts)));
  };
}

/** Somebody with a browser cannot read a problem. */
function endWithPage(code: ProblemCode, request: Incoming, response: ServerResponse): void {
  const status = statusOf(code);
  const { language, html } = refusalPage(code, status, request);
  Object.assign(exchangeOf(response).headers, headersOf(language), { 'content-type': HTML });
  endAnswer(response, status, html);
}

/** For every address that no route has. */
export const refuseUnknownRoute: Step = () => {
  throw unknownRoute();
};

function unknownRoute(): DomainError {
  return new DomainError('unknown_route', 'See /openapi.json for the addresses there are.');
}

/** The router throws this for `%` sequences that are no UTF-8; its message quotes them. */
function isUndecodablePath(error: unknown): boolean {
  return error instanceof URIError;
}

function setHeaders({ headers }: Exchange, code: string): void {
  delete headers.etag;
  delete headers['content-disposition'];
  delete headers.link;
  headers['content-type'] = PROBLEM_TYPE;
  headers['cache-control'] = 'no-store';
  if (code === 'dependency_unavailable' || code === 'webhook_source_paused') headers['retry-after'] = RETRY_AFTER_SECONDS;
  if (code === 'unauthenticated') headers['www-authenticate'] ??= 'Bearer realm="leadwarden"';
}
