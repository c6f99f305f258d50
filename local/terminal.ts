import { formatLine } from './log-lines.ts';

/** A reader that does not keep up loses lines rather than letting them pile up in memory. */
const MOST_WAITING = 1_000_000;

/** Writes text to the terminal as it is. A terminal that is gone is no reason to stop. */
export function print(text: string): void {
  if (process.stdout.writableLength < MOST_WAITING) process.stdout.write(`${text}\n`);
}

/** Writes one line of the readable log, in the name of `npm start` itself. */
export function say(text: string): void {
  print(formatLine(new Date(), 'start', text));
}

/** To be called once, before anything is printed. */
export function outliveTerminal(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
