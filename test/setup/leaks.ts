import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { sendSignal } from '../../local/processes.ts';

const run = promisify(execFile);

interface Found {
  pid: number;
  command: string;
}

/**
 * Ends every process that a run's suites started and that still runs, and answers their command lines. They are known by the
 * run's folder: in their arguments, their working folder, or the environment that they inherited.
 */
export async function endProcessesOf(folder: string): Promise<string[]> {
  const processes = (await listProcesses()).filter(({ pid, command }) => pid !== process.pid && !isJestWorker(command));
  const belongs = await Promise.all(processes.map((each) => belongsTo(each, folder)));
  const leaked = processes.filter((_, index) => belongs[index]);
  for (const { pid } of leaked) sendSignal(pid, 'SIGKILL');
  return leaked.map(({ pid, command }) => `${pid} ${command}`);
}

async function listProcesses(): Promise<Found[]> {
  const { stdout } = await run('ps', ['-axo', 'pid=,stat=,command='], { maxBuffer: 10_000_000 });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, state, command] = /^\s*(\d+) (\S+)\s+(.*)$/.exec(line) ?? [];
    return command === undefined || state?.startsWith('Z') ? [] : [{ pid: Number(pid), command }];
  });
}

function isJestWorker(command: string): boolean {
  return command.includes('jest-worker');
}

/** Linux alone tells where a process stands and what it inherited; elsewhere the command line has to do. */
async function belongsTo({ pid, command }: Found, folder: string): Promise<boolean> {
  if (command.includes(folder)) return true;
  const place = await readlink(`/proc/${pid}/cwd`).catch(() => '');
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  return place.startsWith(folder) || environment.includes(`LEADWARDEN_TEST_FOLDER=${folder}\0`);
}
