import { expect } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

/** About as long as a step takes, so that a process dies in the middle of one too. */
const MOMENT_MS = 20;

/**
 * Kills a process that sends a message for each of its steps, at a random moment before it has told of so many.
 * Steps, not milliseconds: on a machine of any speed it dies early, late and in between.
 */
export async function killWithin(child: ChildProcess, steps: number): Promise<void> {
  const gone = once(child, 'exit');
  await Promise.race([messagesOf(child, randomInt(1, steps)), gone]);
  await pause(randomInt(MOMENT_MS));
  expect([child.exitCode, child.signalCode]).toEqual([null, null]);
  child.kill('SIGKILL');
  await gone;
}

function messagesOf(child: ChildProcess, wanted: number): Promise<void> {
  return new Promise((resolve) => {
    let heard = 0;
    child.on('message', () => {
      heard += 1;
      if (heard === wanted) resolve();
    });
  });
}
