import express, { type Express, type RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { DomainError } from '../domain/problem.ts';
import type { ApiContext } from './context.ts';
import { exchangeOf } from './exchange.ts';
import type { Metrics } from './metrics.ts';
import { authorise, carryOut, identify } from './pipeline.ts';
import { refuseUnknownRoute, sendRefusals } from './refusals.ts';
import { logRequests } from './request-log.ts';
import type { Route } from './route.ts';

/** The HTTP application over a table of routes. */
export function createApp(context: ApiContext, metrics: Metrics, routes: readonly Route[]): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', false);
  app.use(logRequests(context.log, metrics));
  app.use(secureHeaders());
  const limit = limitCallers(context.requestsPerMinute);
  for (const route of routes) {
    app[route.method](expressPath(route.path), identify(context, route), limit, authorise(route), carryOut(context, route));
  }
  for (const [path, methods] of methodsByPath(routes)) app.all(path, refuseOtherMethods(methods));
  app.use(refuseUnknownRoute);
  app.use(sendRefusals(context.log, metrics));
  return app;
}

/** Answers are data: nothing in them may be run, framed or fetched from. The documentation page has a policy of its own. */
function secureHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  });
}

/** Each key has its own allowance in each process; who has none shares that of the address. */
function limitCallers(perMinute: number): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    identifier: 'requests',
    keyGenerator: (request, response) => exchangeOf(response).caller?.keyId ?? ipKeyGenerator(request.ip ?? 'unknown'),
    handler: (_request, _response, next) => {
      next(new DomainError('too_many_requests', 'The header Retry-After says when to go on.'));
    },
  });
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
