import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { RequestListener } from 'node:http';
import helmet from 'helmet';
import { DomainError } from '../domain/problem.ts';
import { limitCallers, limitVisitors } from './allowances.ts';
import { authenticator } from './authentication.ts';
import type { ApiContext } from './context.ts';
import { endAnswer, exchangeOf } from './exchange.ts';
import { aheadOf, type Steps } from './hot-path.ts';
import type { Metrics } from './metrics.ts';
import { endWaitingInVain } from './patience.ts';
import { authorise, carryOut, identify } from './pipeline.ts';
import { refuseUnknownRoute, sendRefusals } from './refusals.ts';
import { logRequests } from './request-log.ts';
import type { Route } from './route.ts';

/** Everything that is answered over HTTP: hot routes at once, all others by Express, both by the same steps. */
export function createApp(context: ApiContext, metrics: Metrics, routes: readonly Route[]): RequestListener {
  const steps = stepsOf(context, metrics);
  return aheadOf(expressOver(steps, routes), steps, routes.filter(({ hot }) => hot));
}

function stepsOf(context: ApiContext, metrics: Metrics): Steps {
  const authenticate = authenticator(context.hotDb);
  const limit = limitCallers(context.requestsPerMinute);
  const limitPages = limitVisitors(context.visitsPerMinute, context.proxyHops);
  const refuse = sendRefusals(context.log, metrics);
  return {
    before: [logRequests(context.log, metrics, secureHeaders()), endWaitingInVain(context, refuse)],
    of: (route) => [
      identify(authenticate, context, route), route.person ? limitPages : limit, authorise(route), carryOut(context, route),
    ],
    refuse,
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

/** Answers are data: nothing in them may be run, framed or fetched from. Pages have policies of their own. */
function secureHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  const recording = {
    setHeader: (name: string, value: string) => void (headers[name.toLowerCase()] = value),
    removeHeader: () => undefined,
  };
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  })(recording as never, recording as never, () => undefined);
  return headers;
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
    exchangeOf(response).headers.allow = allow;
    if (request.method === 'OPTIONS') return endAnswer(response, 204);
    throw new DomainError('method_not_allowed', `This address takes ${allow}.`);
  };
}
