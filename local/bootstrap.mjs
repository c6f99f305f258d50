// The first step of every npm script. It runs on a bare Node (20 or newer) and imports nothing that is not part of Node:
//   node local/bootstrap.mjs [--node-option ...] program.ts [argument ...]
// installs what is missing and runs the program with the Node that this product is written for.
import { spawn } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const lockFolder = join(root, '.leadwarden');
const lockFile = join(lockFolder, 'install.lock');
const nodeProgram = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

await main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});

async function main() {
  if (!isInstalled()) await install();
  runProgram(process.argv.slice(2));
}

/** Whether node_modules is what package-lock.json asks for, by npm's own record of what it installed last. */
function isInstalled() {
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  const wanted = readPackages(join(root, 'package-lock.json'));
  return existsSync(nodeProgram) && Object.entries(wanted).every(([path, { version, optional }]) =>
    path === '' || (installed[path] === undefined ? optional === true : installed[path].version === version));
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}

async function install() {
  const release = await takeInstallLock();
  try {
    if (isInstalled()) return;
    const start = Date.now();
    const seconds = () => Math.round((Date.now() - start) / 1000);
    console.error('Installing the packages that package-lock.json names (usually less than a minute) ...');
    const ticking = setInterval(() => console.error(`  still installing: ${seconds()} s`), 5_000);
    const { code, output } = await runNpm().finally(() => clearInterval(ticking));
    if (code !== 0) throw failedInstall(`npm ci ended with code ${code}\n${firstLines(output)}`);
    if (!isInstalled()) throw failedInstall('npm ci left packages out; are install scripts or optional packages turned off?');
    console.error(`Installed in ${seconds()} s.`);
  } finally {
    release();
  }
}

/** Several scripts may be started at once in a fresh clone: one installs, the others wait for it. */
async function takeInstallLock() {
  for (let told = false; ; told = true) {
    if (createLock()) return () => { unlinkSync(lockFile); removeIfEmpty(lockFolder); };
    if (breakDeadLock()) continue;
    if (!told) console.error(`Waiting for another start that installs the packages (it holds ${lockFile}) ...`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function createLock() {
  try {
    mkdirSync(lockFolder, { recursive: true, mode: 0o700 });
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST' || error.code === 'ENOENT') return false; // somebody has it, or just let go of it
    throw error;
  }
}

/** Removes the lock of a process that was killed. Should a live one have taken it in the meantime, it gets it back. */
function breakDeadLock() {
  const aside = `${lockFile}.${process.pid}`;
  try {
    if (isHeld(lockFile)) return false;
    renameSync(lockFile, aside);
    if (isHeld(aside)) linkSync(aside, lockFile);
    unlinkSync(aside);
    return true;
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'EEXIST') return false;
    throw error;
  }
}

/** A lock names the process that took it and then the npm that it runs, which may outlive it. */
function isHeld(file) {
  const pids = readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number);
  return pids.length === 0 || pids.some(isAlive);
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function removeIfEmpty(folder) {
  try {
    rmdirSync(folder);
  } catch {
    // it holds a home
  }
}

function runNpm() {
  // npm's own Node rather than the one of node_modules, which is about to be replaced.
  const { npm_node_execpath: node, npm_execpath: script } = process.env;
  const [program, first] = node && script?.endsWith('js') ? [node, [script]] : ['npm', []];
  const child = spawn(program, [...first, 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32' && program === 'npm',
  });
  writeFileSync(lockFile, `${process.pid} ${child.pid ?? ''}`);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { output += chunk; });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: error.code, output: error.message }));
    child.once('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
}

function firstLines(output) {
  const lines = output.split('\n').map((line) => line.replace(/^npm error\s*/, '').trim()).filter(Boolean);
  return [...lines.slice(0, 8), ...lines.slice(8).slice(-1)].map((line) => `              ${line}`).join('\n');
}

function failedInstall(why) {
  return new Error(`The packages could not be installed.
  why:        ${why}
  what to do: see that this machine reaches its npm registry ("npm ping") and has 1 GB of disk to spare, then start again`);
}

/** Runs the program in our place: signals go on to it, its exit code is ours, and when we are killed its channel closes. */
function runProgram(args) {
  const environment = {
    // What one process has compiled, the next ones need not: they start in half the time.
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'),
    ...process.env,
    PATH: `${dirname(nodeProgram)}${delimiter}${process.env.PATH}`,
  };
  const child = spawn(nodeProgram, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env: environment });
  child.once('error', (error) => {
    console.error(`${nodeProgram} cannot be run: ${error.message}\n  what to do: remove node_modules and start again`);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    for (const each of forwarded) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  });
  const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  endWithParent(child);
}

/** npm may be killed without telling us. Its child would then go on unseen, so we stop it in order. */
function endWithParent(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 200);
  watch.unref();
}
