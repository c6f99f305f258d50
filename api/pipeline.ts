import type { IncomingMessage, ServerResponse } from 'node:http';
import { DomainError } from '../domain/problem.ts';
import { sendAnswer } from './answers.ts';
import type { Authenticate } from './authentication.ts';
import type { ApiContext } from './context.ts';
import { exchangeOf } from './exchange.ts';
import { isConflict } from './failures.ts';
import { runOnce } from './idempotency.ts';
import { contentType, discard, readJson } from './json-body.ts';
import type { Role } from './roles.ts';
import { ANY_TYPE, takesNothing, type Answer, type Call, type Route } from './route.ts';
import type { Incoming, Step } from './step.ts';
import { validate } from './validation.ts';

/** A route that is for callers with a key. */
type KeyedRoute = Route & { roles: readonly Role[] };

function needsKey(route: Route): route is KeyedRoute {
  return route.roles !== 'public' && route.roles !== 'signed';
}

/** Finds out who calls, before anything is counted or read. */
export function identify(authenticate: Authenticate, context: ApiContext, route: Route): Step {
  return async (request, response, next) => {
    const exchange = exchangeOf(response);
    exchange.route = route;
    if (needsKey(route)) {
      const options = { basic: route.basic === true, now: context.now() };
      const caller = await authenticate(request.headers.authorization, options);
      if (caller) exchange.caller = caller;
    }
    next();
  };
}

/** Refuses who may not, by the route's own row of the permission table. */
export function authorise(route: Route): Step {
  return (_request, response, next) => {
    if (!needsKey(route)) return next();
    const { caller, headers } = exchangeOf(response);
    if (!caller) {
      if (route.basic) headers['www-authenticate'] = ['Basic realm="leadwarden", charset="UTF-8"', 'Bearer realm="leadwarden"'];
      throw new DomainError('unauthenticated', 'Send `Authorization: Bearer <key>` with a key that is in use.');
    }
    if (!route.roles.includes(caller.role)) throw new DomainError('forbidden', `This takes one of the roles: ${route.roles.join(', ')}.`);
    next();
  };
}

/** Checks the request, runs the route, announces what it committed, and answers. */
export function carryOut(context: ApiContext, route: Route): Step {
  return async (request, response) => {
    const { call, content } = await readCall(route, request, response);
    const answer = route.create ? await createOnce(context, route, call, content) : await route.handle(context, call);
    if (answer.announce) await context.announcer.announce(answer.announce, answer.isJob);
    await sendAnswer(request, response, answer);
    if (!request.complete) discard(request);
  };
}

type AnyCall = Call<unknown, unknown, unknown, unknown>;
/** What makes a request the same as another one: method, address and body. */
type Content = (string | Buffer)[];

async function readCall(route: Route, request: Incoming, response: ServerResponse): Promise<{ call: AnyCall; content: Content }> {
  const params = readParams(route, request);
  const query = route.query ? validate(route.query, readQuery(request), 'query') : undefined;
  const headers = route.headers ? validate(route.headers, request.headers, 'header') : undefined;
  const content: Content = [request.method ?? '', request.url ?? ''];
  let body: unknown;
  const isStreamed = route.streams !== undefined && isOneOf(route.streams, request);
  if (route.body && !isStreamed) {
    const json = isEmpty(request) && takesNothing(route.body) ? NOTHING : await readJson(request);
    content.push(json.bytes);
    body = validate(route.body, json.value, 'body');
  } else if (route.streams && !isStreamed && !(route.person && isEmpty(request))) {
    throw new DomainError('unsupported_media_type', `Send the body as ${route.streams.join(' or ')}.`);
  }
  const { caller, requestId } = exchangeOf(response);
  return { call: { params, query, headers, body, caller: caller as AnyCall['caller'], request, requestId }, content };
}

/** What a request without a body says to a route that has nothing to be told: the same as `{}`. */
const NOTHING = { bytes: Buffer.from('{}'), value: {} };

function isEmpty({ headers }: IncomingMessage): boolean {
  const { 'transfer-encoding': isChunked, 'content-type': type, 'content-length': length = '0' } = headers;
  return isChunked === undefined && type === undefined && length === '0';
}

function isOneOf(types: readonly string[], request: Incoming): boolean {
  return types.includes(ANY_TYPE) || types.includes(contentType(request.headers['content-type']).type);
}

/** An id that is not even shaped like one names nothing, so it is answered like any other id that is not known. */
function readParams(route: Route, request: Incoming): unknown {
  if (!route.params) return undefined;
  const parsed = route.params.safeParse(request.params);
  if (parsed.success) return parsed.data;
  throw new DomainError(route.unknown ?? 'unknown_route', 'Check the id in the address.');
}

function readQuery({ url = '' }: IncomingMessage): Record<string, string> {
  const start = url.indexOf('?');
  const search = new URLSearchParams(start < 0 ? '' : url.slice(start));
  const names = [...search.keys()];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return Object.fromEntries(search);
  throw new DomainError('invalid_request', 'The query is not as it should be.', [
    { pointer: '?', code: 'repeated', detail: 'has a parameter more than once' },
  ]);
}

const ATTEMPTS = 3;

/** Runs a creating route in its transaction; again when another transaction got in the way. */
async function createOnce(context: ApiContext, route: Route, call: AnyCall, content: Content): Promise<Answer> {
  const key = readIdempotencyKey(call.request);
  if (key === null && route.together) return route.together(context, call);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await context.db.transaction().execute((tx) => {
        const run = () => (route.create as NonNullable<Route['create']>)(context, call, tx);
        return key === null ? run() : runOnce(tx, { caller: call.caller, key, content, now: context.now() }, run);
      });
    } catch (error) {
      if (attempt === ATTEMPTS || !isConflict(error)) throw error;
    }
  }
}

function readIdempotencyKey(request: IncomingMessage): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new DomainError('invalid_request', 'The idempotency key cannot be used.', [
    { pointer: 'header:Idempotency-Key', code: 'wrong_format', detail: 'must be 1 to 255 visible ASCII characters' },
  ]);
}
