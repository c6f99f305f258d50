import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const KNIP = ['node_modules/knip/bin/knip.js', '--config', 'local/check/knip.jsonc'];

/** What is asked of every commit beside its tests, the longest first. `npm run check -- FILE` writes the count to a file. */
const CHECKS = {
  'types and lint': ['local/check/sources.ts'],
  architecture: ['node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', '--config', '.dependency-cruiser.mjs', '--output-type', 'err-long', '.'],
  'dead code': [...KNIP],
  'alive for tests only': [...KNIP, '--production', '--include', 'files,exports,types'],
  'OpenAPI in step': ['local/check/openapi.ts'],
};

const AT_ONCE = 2;
const ROOT = join(import.meta.dirname, '..');

const stop = new AbortController();
for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) process.once(event, () => stop.abort());

const waiting = Object.entries(CHECKS);
const results: boolean[] = [];
await Promise.all(Array.from({ length: AT_ONCE }, takeChecks));
const passed = results.filter(Boolean).length;
const failed = results.length - passed;
console.log(`${passed} passed, ${failed} failed`);
const [outputFile] = process.argv.slice(2);
if (outputFile !== undefined) writeFileSync(outputFile, JSON.stringify({ passed, failed }));
process.exit(failed === 0 ? 0 : 1);

async function takeChecks(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results.push(await runCheck(...next));
}

/** Runs one check and says how it went; what it has to say is shown when it did not go well. */
async function runCheck(name: string, args: readonly string[]): Promise<boolean> {
  const start = performance.now();
  const { code, output } = await runProgram(args);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(20)} ${seconds.padStart(5)} s`);
  if (code !== 0) console.log(output.trim().replace(/^/gm, '        '));
  return code === 0;
}

function runProgram(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], signal: stop.signal });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
}
