/** Where the lines for the person at the terminal go. */
export type Say = (line: string) => void;

const QUIET_MS = 2_000;
const REPEAT_MS = 5_000;
const REPEAT_LATER_MS = 15_000;
const LATER_MS = 30_000;

/**
 * Does some work and, once it has taken longer than two seconds, says what is being done, how long it usually takes, and
 * every few seconds how long it has taken so far.
 */
export async function tellProgress<T>(say: Say, what: string, work: () => Promise<T>, expected = 'a few seconds'): Promise<T> {
  const start = Date.now();
  let told = false;
  const tell = () => {
    const seconds = Math.round((Date.now() - start) / 1000);
    say(told ? `${what}: ${seconds} s so far` : `${what} (usually ${expected})`);
    told = true;
    timer = setTimeout(tell, Date.now() - start < LATER_MS ? REPEAT_MS : REPEAT_LATER_MS);
  };
  let timer = setTimeout(tell, QUIET_MS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
