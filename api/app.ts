import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { RequestListener, ServerResponse } from 'node:http';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { DomainError } from '../domain/problem.ts';
import { authenticator } from './authentication.ts';
import type { ApiContext } from './context.ts';
import { exchangeOf } from './exchange.ts';
import { aheadOf, type Steps } from './hot-path.ts';
import type { Metrics } from './metrics.ts';
import { addressOf } from './person/visitor.ts';
import { authorise, carryOut, identify } from './pipeline.ts';
import { refuseUnknownRoute, sendRefusals } from './refusals.ts';
import { logRequests } from './request-log.ts';
import type { Route } from './route.ts';
import type { Incoming, Step } from './step.ts';

/** Everything that is answered over HTTP: hot routes at once, all others by Express, both by the same steps. */
export function createApp(context: ApiContext, metrics: Metrics, routes: readonly Route[]): RequestListener {
  const steps = stepsOf(context, metrics);
  return aheadOf(expressOver(steps, routes), steps, routes.filter(({ hot }) => hot));
}

function stepsOf(context: ApiContext, metrics: Metrics): Steps {
  const authenticate = authenticator(context.hotDb);
  const limit = limitCallers(context.requestsPerMinute);
  const limitVisitors = limitBy(context.visitsPerMinute, (request) => addressOf(request, context.proxyHops));
  return {
    before: [logRequests(context.log, metrics), secureHeaders()],
    of: (route) => [
      identify(authenticate, context, route), route.person ? limitVisitors : limit, authorise(route), carryOut(context, route),
    ],
    refuse: sendRefusals(context.log, metrics),
  };
}

/** The HTTP application over a table of routes. */
function expressOver({ before, of, refuse }: Steps, routes: readonly Route[]): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', false);
  app.use(...before);
  for (const route of routes) app[route.method](expressPath(route.path), ...of(route));
  for (const [path, methods] of methodsByPath(routes)) app.all(path, refuseOtherMethods(methods));
  app.use(refuseUnknownRoute);
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => refuse(error, request, response));
  return app;
}

/** Answers are data: nothing in them may be run, framed or fetched from. The documentation page has a policy of its own. */
function secureHeaders(): Step {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  });
}

/** Each key has its own allowance in each process; who has none shares that of the address. */
function limitCallers(perMinute: number): Step {
  return limitBy(perMinute, (request, response) => exchangeOf(response).caller?.keyId ?? (request.socket.remoteAddress ?? 'unknown'));
}

function limitBy(perMinute: number, nameOf: (request: Incoming, response: ServerResponse) => string): Step {
  const limit = rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    identifier: 'requests',
    keyGenerator: (request, response) => ipKeyGenerator(nameOf(request, response)),
    handler: (_request, _response, next) => {
      next(new DomainError('too_many_requests', 'The header Retry-After says when to go on.'));
    },
  });
  // All that it takes from Express is a way to add to a header.
  return (request, response, next) => {
    const append = (name: string, value: string) => response.appendHeader(name, value);
    return limit(request as Request, Object.assign(response, { append }) as Response, next);
  };
}

function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routes) {
    const own = method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()];
    methods.set(expressPath(path), [...(methods.get(expressPath(path)) ?? []), ...own]);
  }
  return methods;
}

function refuseOtherMethods(methods: readonly string[]): RequestHandler {
  const allow = [...methods, 'OPTIONS'].join(', ');
  return (request, response) => {
    response.setHeader('allow', allow);
    if (request.method === 'OPTIONS') return void response.status(204).end();
    throw new DomainError('method_not_allowed', `This address takes ${allow}.`);
  };
}
