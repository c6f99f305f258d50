import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import type { ProblemCode } from '../domain/problem.ts';
import { PROBLEM_TYPE, problemSchema, statusOf, titleOf } from './problems.ts';
import { takesNothing, type AnswerDescription, type Route } from './route.ts';

const INTRODUCTION = `Leadwarden keeps telephone-marketing leads: where every number came from, whether it may be contacted, and proof of both.

Every refusal is a problem (RFC 9457) with a stable \`code\`. Times are RFC 3339, answered in UTC. Lists are read page by page: hand \`next\` back as \`after\`.
A POST that creates takes an \`Idempotency-Key\`: repeated with the same key and the same bytes it is carried out once and answered alike.`;

/** The OpenAPI 3.1 description of a table of routes, out of the schemas that check their requests. */
export function describeApi(routes: readonly Route[]): object {
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Leadwarden', version: '1', description: INTRODUCTION, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths: pathsOf(routes),
    components: {
      schemas: { Problem: problemSchema },
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, `lw_...`' },
        browser: { type: 'http', scheme: 'basic', description: 'The API key as password, with any name: for pages that a browser opens' },
      },
    },
  });
}

function pathsOf(routes: readonly Route[]): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  return paths;
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const roles = typeof route.roles === 'string' ? '' : `\n\nRoles: ${route.roles.join(', ')}.`;
  return {
    operationId: route.operation,
    tags: [route.tag],
    summary: route.summary,
    description: route.description + roles,
    ...(typeof route.roles === 'string' ? { security: [] } : route.basic ? { security: [{ apiKey: [] }, { browser: [] }] } : {}),
    requestParams: parametersOf(route),
    ...requestBodyOf(route),
    responses: { ...Object.fromEntries(answersOf(route)), ...problemsOf(route) },
  };
}

const idempotencyKey = z.string().min(1).max(255).regex(/^[\x21-\x7e]+$/).optional().meta({
  description: 'Yours to choose, for example a UUID; the request is carried out once for each',
});
const requestId = z.string().min(8).max(64).regex(/^[A-Za-z0-9._-]+$/).optional().meta({ description: 'Your own name for the request; answered and logged' });

function parametersOf(route: Route): NonNullable<ZodOpenApiOperationObject['requestParams']> {
  const own = route.headers instanceof z.ZodObject ? route.headers.shape : {};
  const headers = Object.entries(own).map(([name, schema]) => [headerName(name), schema] as const);
  return {
    ...(route.params instanceof z.ZodObject ? { path: route.params } : {}),
    ...(route.query instanceof z.ZodObject ? { query: route.query } : {}),
    header: z.object({
      ...Object.fromEntries(headers),
      ...(route.create ? { 'Idempotency-Key': idempotencyKey } : {}),
      'X-Request-Id': requestId,
    }),
  };
}

function headerName(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

function requestBodyOf(route: Route): Pick<ZodOpenApiOperationObject, 'requestBody'> | object {
  if (!route.body && !route.streams) return {};
  const json = route.body ? { 'application/json': { schema: route.body } } : {};
  const streams = route.streams?.map((type) => [type, { schema: { type: 'string' as const, format: 'binary' } }] as const) ?? [];
  const required = !(route.body && takesNothing(route.body));
  return { requestBody: { required, content: { ...json, ...Object.fromEntries(streams) } } };
}

function answersOf(route: Route): [string, ZodOpenApiResponsesObject[`2${string}`]][] {
  return Object.entries(route.answers).map(([status, answer]) => [status, answerOf(answer)]);
}

function answerOf({ description, schema, type, headers }: AnswerDescription) {
  const text = { type: 'string' } as const;
  const meanings = Object.entries({ ...headers, ...ALWAYS_SENT });
  const named = meanings.map(([name, meaning]) => [name, { description: meaning, schema: text }] as const);
  const content = { ...(schema ? { 'application/json': { schema } } : {}), ...(type ? { [type]: { schema: text } } : {}) };
  return { description, headers: Object.fromEntries(named), ...(schema || type ? { content } : {}) };
}

const ALWAYS_SENT = { 'X-Request-Id': 'Names this request in our logs', 'RateLimit-Policy': 'What this key may ask for', RateLimit: 'What is left of it' };

/** Every refusal that the route names or that its own shape makes possible, by status. */
function problemsOf(route: Route): ZodOpenApiResponsesObject {
  const byStatus = Map.groupBy(new Set([...possibleProblems(route), ...(route.problems ?? [])]), statusOf);
  const statuses = [...byStatus.keys()].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => {
      const codes = (byStatus.get(status) ?? []).map((code) => `\`${code}\`: ${titleOf(code)}.`);
      return [String(status), { description: codes.join('\n\n'), content: refusalContent(route) }];
    }),
  );
}

/** People with a browser get a page. */
function refusalContent({ person }: Route) {
  return person ? { 'text/html': { schema: { type: 'string' as const } } } : { [PROBLEM_TYPE]: { schema: problemSchema } };
}

function possibleProblems(route: Route): ProblemCode[] {
  return [
    ...(typeof route.roles === 'string' ? [] : (['unauthenticated', 'forbidden', 'dependency_unavailable'] as const)),
    ...(route.roles === 'signed' ? (['invalid_signature', 'dependency_unavailable'] as const) : []),
    ...(route.query || route.headers || route.body || route.create ? (['invalid_request'] as const) : []),
    ...(route.unknown ? [route.unknown] : []),
    ...(route.body
      ? (['malformed_json', 'body_incomplete', 'request_timeout', 'body_too_large', 'unsupported_media_type', 'unsupported_encoding'] as const)
      : []),
    ...(route.streams ? (['unsupported_media_type', 'body_incomplete'] as const) : []),
    ...(route.create ? (['idempotency_key_reused', 'idempotency_key_in_use'] as const) : []),
    'too_many_requests',
  ];
}
