import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createOpenApi } from '../../api/openapi.ts';

// Whether the committed description of the API is the one that the code gives.
const file = join(import.meta.dirname, '../../docs/openapi.json');
const described = `${JSON.stringify(createOpenApi(), null, 2)}\n`;
if ((await readFile(file, 'utf8').catch(() => '')) !== described) {
  console.error('docs/openapi.json does not say what the code does. Write it anew with "npm run openapi".');
  process.exitCode = 1;
}
