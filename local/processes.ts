import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Signals to send one after the other, each with the time it is given before the next one, in milliseconds. */
export type Persuasion = readonly (readonly [signal: NodeJS.Signals, graceMs: number])[];

/** Whether a process runs. A zombie does not: it only waits for a parent that may never come to collect it. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !/\) [ZX] /.test(stat);
}

/** The command line of a process, or an empty text when it cannot be had. */
export async function commandLine(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
  } catch {
    return run('ps', ['-o', 'command=', '-p', String(pid)]).then(({ stdout }) => stdout.trim(), () => '');
  }
}

/** The working folder of a process, or undefined where the system does not tell. */
export async function workingFolder(pid: number): Promise<string | undefined> {
  return readlink(`/proc/${pid}/cwd`).catch(() => undefined);
}

/** Ends a process, first kindly, and answers when it is gone; false when even the last signal did not end it. */
export async function endProcess(pid: number, persuasion: Persuasion): Promise<boolean> {
  for (const [signal, graceMs] of persuasion) {
    sendSignal(pid, signal);
    if (await isGone(pid, graceMs)) return true;
  }
  return false;
}

async function isGone(pid: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (await isAlive(pid)) {
    if (Date.now() >= deadline) return false;
    await sleep(20);
  }
  return true;
}

/** Sends a signal; a process that is already gone is none to complain about. A negative pid means the group. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
