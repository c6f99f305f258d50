import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Tx } from '../db/connection.ts';
import type { ProblemCode } from '../domain/problem.ts';
import type { Caller } from './authentication.ts';
import type { ApiContext } from './context.ts';
import type { Role } from './roles.ts';

/** Stands for every content type, and for none. */
export const ANY_TYPE = '*/*';

/** One request after everything about it was checked. */
export interface Call<Params, Query, Headers, Body> {
  params: Params;
  query: Query;
  headers: Headers;
  body: Body;
  caller: Caller;
  /** The request itself, for the few that read its body as a stream. */
  request: IncomingMessage;
  requestId: string;
}

/** What is sent back. `body` is sent as JSON, `json` is that already, `content` is sent as it is. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  json?: string;
  content?: { type: string; data: string | Buffer | Readable };
  /** Leads and imports whose workflows are to hear of it, once it is committed. */
  announce?: string[];
  /** That is a file or a release, and somebody waits for what becomes of it. */
  isJob?: true;
}

/** How an answer is described to those who read the API's description. */
export interface AnswerDescription {
  description: string;
  schema?: z.ZodType;
  /** Content type where it is not JSON; with a `schema`, where it may be either. */
  type?: string;
  headers?: Record<string, string>;
}

/** What all routes say of themselves. From this come the routing, the checks, the permission table and /openapi.json. */
interface Described<Params, Query, Headers, Body> {
  method: 'get' | 'post' | 'put' | 'delete';
  /** As in OpenAPI: `/v1/leads/{id}`. */
  path: string;
  operation: string;
  tag:
    | 'Sources' | 'Leads' | 'Consents' | 'Imports' | 'Suppressions' | 'Do-not-call lists' | 'Queues' | 'Clearances' | 'Proofs' | 'Policies'
    | 'Settings' | 'Retention' | 'Reports' | 'Webhooks' | 'Webhooks out' | 'Persons' | 'Subject requests' | 'Disposals' | 'API keys' | 'Keys' | 'Service';
  summary: string;
  description: string;
  /** Who may; `public` needs no key, and neither does what is `signed`: its route checks the signature of whoever sends. */
  roles: readonly Role[] | 'public' | 'signed';
  /** A browser may log in with the key as password, because it cannot send it otherwise when a page is opened. */
  basic?: boolean;
  /** A page for people, not programs: each address has a smaller allowance, and refusals are pages too. */
  person?: true;
  params?: z.ZodType<Params>;
  /** What an id that is not even shaped like one is answered with. */
  unknown?: ProblemCode;
  query?: z.ZodType<Query>;
  headers?: z.ZodType<Headers>;
  body?: z.ZodType<Body>;
  /** Content types of a body that the route reads by itself; with a `body` as well, what is none of them is JSON. */
  streams?: readonly string[];
  answers: Record<number, AnswerDescription>;
  /** Answered ahead of Express, by the same steps: for what is asked thousands of times a second. A parameter ends its path. */
  hot?: true;
  /** Refusals beyond those that the route's own shape makes possible. */
  problems?: readonly ProblemCode[];
}

/** A route that reads, or that does its own bookkeeping. */
interface Handling<Params, Query, Headers, Body> extends Described<Params, Query, Headers, Body> {
  handle(context: ApiContext, call: Call<Params, Query, Headers, Body>): Promise<Answer> | Answer;
  create?: never;
  together?: never;
}

/** A route that creates: it runs in one transaction with its idempotency key, and is announced after the commit. */
interface Creating<Params, Query, Headers, Body> extends Described<Params, Query, Headers, Body> {
  create(context: ApiContext, call: Call<Params, Query, Headers, Body>, tx: Tx): Promise<Answer>;
  /** The same for a request without a key, which needs no transaction of its own and can share one with others. */
  together?(context: ApiContext, call: Call<Params, Query, Headers, Body>): Promise<Answer>;
  handle?: never;
}

export type Route = Handling<unknown, unknown, unknown, unknown> | Creating<unknown, unknown, unknown, unknown>;

/** Declares a route; the schemas give the handler its types. */
export function route<Params = unknown, Query = unknown, Headers = unknown, Body = unknown>(
  definition: Handling<Params, Query, Headers, Body> | Creating<Params, Query, Headers, Body>,
): Route {
  return definition;
}

/** Whether a body may be left out: everything in it may. */
export function takesNothing(body: z.ZodType): boolean {
  return body.safeParse({}).success;
}
