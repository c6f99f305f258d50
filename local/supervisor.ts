import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Say } from './progress.ts';
import type { Ending } from './server-process.ts';
import { reasonOf } from './start-failure.ts';

/** A process that was started and can be stopped. */
export interface Running {
  pid: number;
  exited: Promise<Ending>;
  stop: () => Promise<void>;
}

/** A process that is started again whenever it ends without having been asked to. */
export interface Service<T extends Running = Running> {
  /** The process that runs now, or ran last. */
  readonly current: T;
  stop: () => Promise<void>;
}

export interface ServiceOptions<T extends Running> {
  name: string;
  /** Starts it; after the first time it is told what it replaces, to be found at the same addresses. */
  start: (signal: AbortSignal, previous?: T) => Promise<T>;
  say: Say;
  /** Ends the first start. */
  signal: AbortSignal;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
const STEADY_AFTER_MS = 60_000;

/** Starts a service and keeps it running, with growing pauses as long as it does not stay up. The first start may fail. */
export async function superviseService<T extends Running>(options: ServiceOptions<T>): Promise<Service<T>> {
  const stopping = new AbortController();
  let current = await options.start(options.signal);
  const watching = watch();

  async function watch(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!stopping.signal.aborted) {
      const upSince = Date.now();
      const ending = await Promise.race([current.exited, once(stopping.signal, 'abort')]);
      if (stopping.signal.aborted || Array.isArray(ending)) return;
      if (Date.now() - upSince > STEADY_AFTER_MS) pauseMs = FIRST_PAUSE_MS;
      options.say(`${options.name} ${describeEnding(ending)}; starting it again`);
      pauseMs = await startAgain(pauseMs);
    }
  }

  async function startAgain(firstPauseMs: number): Promise<number> {
    let pauseMs = firstPauseMs;
    while (!stopping.signal.aborted) {
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      try {
        if (stopping.signal.aborted) return pauseMs;
        current = await options.start(stopping.signal, current);
        options.say(`${options.name} runs again`);
        return pauseMs;
      } catch (error) {
        if (!stopping.signal.aborted) options.say(`${options.name} did not start: ${reasonOf(error)}`);
      }
    }
    return pauseMs;
  }

  return {
    get current() {
      return current;
    },
    stop: async () => {
      stopping.abort();
      await watching;
      await current.stop();
    },
  };
}

function describeEnding({ code, signal }: Ending): string {
  return signal === null ? `ended by itself with code ${code}` : `was ended by ${signal}`;
}
