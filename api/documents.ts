import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { z } from 'zod';
import { tagged } from './answers.ts';
import { describeApi } from './description.ts';
import { ANYONE } from './roles.ts';
import { route, type Answer, type Route } from './route.ts';

const { resolve } = createRequire(import.meta.url);

/** Scripts and styles of the page come from here and nowhere else, and none of them stands in the page itself. */
const PAGE_POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Leadwarden API</title>
  <link rel="stylesheet" href="/docs/swagger-ui.css">
  <link rel="icon" href="/docs/favicon-32x32.png">
</head>
<body>
  <p style="font: 14px sans-serif; max-width: 1460px; margin: 1rem auto 0; padding: 0 20px"><a href="/docs/law">The law on file, as tables to read and to print</a></p>
  <div id="api"></div>
  <script src="/docs/swagger-ui-bundle.js"></script>
  <script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null, docExpansion: 'list' });
`;

const FILES = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
  'start.js': 'text/javascript; charset=utf-8',
} as const;
type FileName = keyof typeof FILES;

/** The routes, and those that describe them all: /openapi.json and the page that shows it. */
export function withDocuments(described: readonly Route[]): readonly Route[] {
  let description: string | undefined;
  const openapi: Route = route({
    method: 'get',
    path: '/openapi.json',
    operation: 'describeApi',
    tag: 'Service',
    summary: 'This description',
    description: 'OpenAPI 3.1, out of the same schemas that check the requests.',
    roles: ANYONE,
    basic: true,
    answers: { 200: { description: 'The description', schema: z.looseObject({ openapi: z.string() }).meta({ id: 'OpenApi' }) } },
    handle: () => document('application/json; charset=utf-8', (description ??= JSON.stringify(describeApi(routes)))),
  });
  const routes: Route[] = [...described, openapi, page, file];
  return routes;
}

const page = route({
  method: 'get',
  path: '/docs',
  operation: 'showDocumentation',
  tag: 'Service',
  summary: 'This description as a page',
  description: 'For people; log in with any name and an API key as password.',
  roles: ANYONE,
  basic: true,
  answers: { 200: { description: 'The page', type: 'text/html' } },
  handle: () => document('text/html; charset=utf-8', PAGE, { 'content-security-policy': PAGE_POLICY }),
});

const file = route({
  method: 'get',
  path: '/docs/{file}',
  operation: 'readDocumentationFile',
  tag: 'Service',
  summary: 'A file of the page',
  description: 'Style, script or icon of the page.',
  roles: ANYONE,
  basic: true,
  params: z.object({ file: z.enum(Object.keys(FILES) as [FileName, ...FileName[]]) }),
  unknown: 'unknown_route',
  answers: { 200: { description: 'The file', type: 'application/octet-stream' } },
  handle: async (_context, { params }) => document(FILES[params.file], await contentOf(params.file)),
});

function contentOf(name: FileName): Promise<Buffer> | string {
  return name === 'start.js' ? START : readFile(resolve(`swagger-ui-dist/${name}`));
}

function document(type: string, data: string | Buffer, headers: Record<string, string> = {}): Answer {
  return { status: 200, headers: { ...tagged(data), ...headers }, content: { type, data } };
}
