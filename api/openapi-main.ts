import { writeFile } from 'node:fs/promises';
import { createOpenApi } from './openapi.ts';

// Writes the description of the API to the file named, or to the output.
const [file] = process.argv.slice(2);
const text = `${JSON.stringify(createOpenApi(), null, 2)}\n`;
if (file === undefined) process.stdout.write(text);
else await writeFile(file, text);
