import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcess, isAlive } from '../../local/processes.ts';
import { type Running, superviseService } from '../../local/supervisor.ts';

/** A process that does nothing until it is stopped, or what the code says. */
async function run(code = 'setInterval(() => {}, 1000)'): Promise<Running> {
  const child = spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ code: exitCode, signal }));
  });
  const pid = child.pid as number;
  return { pid, exited, stop: async () => { await endProcess(pid, [['SIGTERM', 5_000], ['SIGKILL', 5_000]]); } };
}

function supervise(start: (signal: AbortSignal, previous?: Running) => Promise<Running>) {
  const said: string[] = [];
  const service = superviseService({ name: 'it', start, say: (line) => said.push(line), signal: new AbortController().signal });
  const says = async (text: RegExp) => { while (!said.some((line) => text.test(line))) await sleep(10); };
  return { service, said, says };
}

describe('a supervised service', () => {
  it('is started again when it is killed, and told what it replaces', async () => {
    const replaced: (number | undefined)[] = [];
    const { service, says } = supervise(async (_, previous) => {
      replaced.push(previous?.pid);
      return run();
    });
    const { current, stop } = await service;
    process.kill(current.pid, 'SIGKILL');
    await says(/was ended by SIGKILL; starting it again/);
    await says(/runs again/);
    expect(replaced).toEqual([undefined, current.pid]);
    const { pid } = (await service).current;
    expect(await isAlive(pid)).toBe(true);
    await stop();
    expect(await isAlive(pid)).toBe(false);
  });

  it('is tried again when starting it again fails', async () => {
    let starts = 0;
    const { service, says } = supervise(async () => {
      starts += 1;
      if (starts === 2) throw new Error('not yet');
      return run(starts === 1 ? 'process.exit(3)' : undefined);
    });
    const { stop } = await service;
    await says(/ended by itself with code 3/);
    await says(/did not start: not yet/);
    await says(/runs again/);
    expect(starts).toBe(3);
    await stop();
  });

  it('fails when it cannot be started the first time', async () => {
    await expect(supervise(() => Promise.reject(new Error('never'))).service).rejects.toThrow('never');
  });

  it('is not started again once it is to stop, not even half way through', async () => {
    let asked: AbortSignal | undefined;
    const { service, says, said } = supervise(async (signal, previous) => {
      if (previous === undefined) return run('process.exit(0)');
      asked = signal;
      await sleep(60_000, undefined, { signal });
      return run();
    });
    const { stop } = await service;
    await says(/ended by itself/);
    while (asked === undefined) await sleep(10);
    await stop();
    expect(asked.aborted).toBe(true);
    expect(said.filter((line) => /runs again|did not start/.test(line))).toEqual([]);
  });
});
