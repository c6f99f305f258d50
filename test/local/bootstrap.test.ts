import { afterEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endProcess, isAlive } from '../../local/processes.ts';
import { runFolder } from '../setup/suite.ts';

const bootstrap = fileURLToPath(new URL('../../local/bootstrap.mjs', import.meta.url));
const children: ChildProcess[] = [];

// Stands for npm: takes a moment, writes down that it ran, and leaves the record that npm would leave.
const NPM = `
import { appendFileSync, copyFileSync } from 'node:fs';
appendFileSync('npm-runs', 'x');
if (process.env.NPM_FAILS) { console.error('npm error the registry is on holiday'); process.exit(7); }
await new Promise((resolve) => setTimeout(resolve, 500));
copyFileSync('package-lock.json', 'node_modules/.package-lock.json');`;

/** A project of one package, which is not installed yet. */
async function makeProject(): Promise<string> {
  const root = await mkdtemp(join(runFolder(), 'project-'));
  await mkdir(join(root, 'node_modules', 'node', 'bin'), { recursive: true });
  await symlink(process.execPath, join(root, 'node_modules', 'node', 'bin', 'node'));
  await mkdir(join(root, 'local'));
  await cp(bootstrap, join(root, 'local', 'bootstrap.mjs'));
  await writeFile(join(root, 'npm.js'), NPM);
  await writeFile(join(root, 'package.json'), '{ "type": "module" }');
  await writeFile(join(root, 'package-lock.json'), '{ "packages": { "": {}, "node_modules/one": { "version": "1.0.0" } } }');
  return root;
}

async function makeInstalledProject(): Promise<string> {
  const root = await makeProject();
  await cp(join(root, 'package-lock.json'), join(root, 'node_modules', '.package-lock.json'));
  return root;
}

function start(root: string, code: string, environment: NodeJS.ProcessEnv = {}) {
  const npm = { npm_node_execpath: process.execPath, npm_execpath: join(root, 'npm.js') };
  const { npm_lifecycle_event: _, ...ours } = process.env;
  const child = spawn(process.execPath, [join(root, 'local', 'bootstrap.mjs'), '-e', code], {
    cwd: root, env: { ...ours, ...npm, ...environment }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  const collect = (chunk: Buffer) => { output += chunk.toString(); };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', collect);
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.once('close', (exitCode) => resolve({ code: exitCode, output }));
  });
  const says = async (text: string) => { while (!output.includes(text)) await sleep(10); };
  return { child, ended, says, output: () => output };
}

const BOOTSTRAP = join('local', 'bootstrap.mjs');
const WAIT = 'console.log(`pid ${process.pid}.`); setInterval(() => {}, 1000);';
const END_IN_ORDER = `
for (const event of ['SIGTERM', 'disconnect']) process.on(event, () => { console.log('in order:', event); process.exit(0); });`;

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe('the first step of every script', () => {
  it('runs the program and ends as it ends', async () => {
    const root = await makeInstalledProject();
    expect(await start(root, 'console.log(1 + 1); process.exit(3)').ended).toEqual({ code: 3, output: '2\n' });
  });

  it('installs once when two start at once, and says so', async () => {
    const root = await makeProject();
    const both = await Promise.all([start(root, '1').ended, start(root, '1').ended]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.map(({ output }) => output).join()).toContain('Installing the packages');
    expect(await readFile(join(root, 'npm-runs'), 'utf8')).toBe('x');
  });

  it('installs again when the lock file asks for another version', async () => {
    const root = await makeInstalledProject();
    await writeFile(join(root, 'package-lock.json'), '{ "packages": { "node_modules/one": { "version": "2.0.0" } } }');
    expect((await start(root, '1').ended).output).toContain('Installed');
  });

  it('takes the lock of a start that was killed', async () => {
    const root = await makeProject();
    const { pid } = start(root, '1').child;
    await endProcess(pid as number, [['SIGKILL', 5_000]]);
    await mkdir(join(root, '.leadwarden'), { recursive: true });
    await writeFile(join(root, '.leadwarden', 'install.lock'), String(pid));
    expect((await start(root, '1').ended).code).toBe(0);
  });

  it('says what failed, why and what to do when packages cannot be had', async () => {
    const root = await makeProject();
    const { code, output } = await start(root, '1', { NPM_FAILS: '1' }).ended;
    expect(code).toBe(1);
    expect(output).toMatch(/could not be installed[^]*why: [^]*on holiday[^]*what to do: /);
  });

  it('passes a signal on and waits for the program to end in order', async () => {
    const { child, ended, says } = start(await makeInstalledProject(), END_IN_ORDER + WAIT);
    await says('pid');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, output: expect.stringContaining('in order: SIGTERM') });
  });

  it('lets the program notice when it is killed itself', async () => {
    const { child, says } = start(await makeInstalledProject(), END_IN_ORDER + WAIT);
    await says('pid');
    child.kill('SIGKILL');
    await says('in order: disconnect');
  });

  it('stops the program when the npm above it is killed', async () => {
    const root = await makeInstalledProject();
    const args = JSON.stringify([BOOTSTRAP, '-e', END_IN_ORDER + WAIT]);
    const parent = `require('node:child_process').spawn(process.execPath, ${args}, { stdio: 'inherit' }).on('exit', () => {});`;
    const env = { ...process.env, npm_lifecycle_event: 'start' };
    const npm = spawn(process.execPath, ['-e', parent], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(npm);
    let output = '';
    npm.stdout.on('data', (chunk: Buffer) => { output += chunk.toString(); });
    while (!output.includes('.')) await sleep(10);
    npm.kill('SIGKILL');
    while (!output.includes('in order: SIGTERM')) await sleep(10);
    const program = Number(/pid (\d+)/.exec(output)?.[1]);
    while (await isAlive(program)) await sleep(10);
  });
});
