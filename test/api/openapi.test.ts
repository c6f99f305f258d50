import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { readFile } from 'node:fs/promises';
import { createOpenApi } from '../../api/openapi.ts';
import { routes } from '../../api/routes.ts';
import { leadBody, SOURCE } from './running-api.ts';

interface Operation {
  tags?: string[];
  operationId: string;
  description: string;
  security?: object[];
  parameters?: { name: string; in: string; schema: object; required?: boolean }[];
  requestBody?: { content: Record<string, { schema: { $ref?: string } }> };
  responses: Record<string, { description: string; content?: Record<string, object> }>;
}

interface Description {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> };
}

const description = createOpenApi() as Description;
const operations = Object.entries(description.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation, name: operation.operationId })));

describe('the description of the API', () => {
  it('is OpenAPI 3.1 and has every route, once', () => {
    expect(description.openapi).toMatch(/^3\.1\./);
    expect(operations.map(({ path, method, name }) => `${method} ${path} ${name}`).sort())
      .toEqual(routes.map((route) => `${route.method} ${route.path} ${route.operation}`).sort());
  });

  it('is the one that is published', async () => {
    const published = await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8');
    expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(description)));
  });

  it.each(operations)('says of $name what it takes, answers and refuses', ({ path, operation }) => {
    const { parameters = [], responses } = operation;
    const inPath = parameters.filter((each) => each.in === 'path').map((each) => each.name);
    expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]));
    expect(operation.description.length).toBeGreaterThan(20);
    expect(Object.keys(responses).some((status) => status.startsWith('2'))).toBe(true);
    expect(Object.keys(responses)).toContain('429');
    for (const [status, response] of Object.entries(responses)) {
      expect(response.description).not.toBe('');
      if (Number(status) >= 400) expect(Object.keys(response.content ?? {})).toEqual([operation.tags?.includes('Persons') ? 'text/html' : 'application/problem+json']);
    }
    if (operation.security === undefined) expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '403', '503']));
    if (operation.requestBody) expect(Object.keys(responses)).toEqual(expect.arrayContaining(['415', '422']));
  });

  it('holds schemas that a validator takes, and that take what the API takes', () => {
    const ajv = addFormats.default(new Ajv2020({ strict: false }));
    ajv.addSchema({ $id: 'api', ...description });
    const check = (name: string) => ajv.compile({ $ref: `api#/components/schemas/${name}` });
    for (const name of Object.keys(description.components.schemas)) expect(check(name)).toBeInstanceOf(Function);
    expect(check('Acquisition')(leadBody())).toBe(true);
    expect(check('Acquisition')(leadBody({ isAdmin: true }))).toBe(false);
    expect(check('Source')(SOURCE)).toBe(true);
    expect(check('Source')({ ...SOURCE, kind: 'rumour' })).toBe(false);
  });

  it('refers to nothing that is not there', () => {
    const references = [...JSON.stringify(description).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1] as string);
    expect(references.length).toBeGreaterThan(10);
    for (const name of references) expect(Object.keys(description.components.schemas)).toContain(name);
  });
});
