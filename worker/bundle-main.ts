import { writeFile } from 'node:fs/promises';
import { buildWorkflowBundle } from './bundle.ts';

// Writes the workflow code to the file named, for WORKFLOW_BUNDLE: a deployment builds it once and every worker just reads it.
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('Name the file to write the bundle to.');
await writeFile(file, (await buildWorkflowBundle()).code);
