import { parseArgs } from 'node:util';

/** It was not called as its usage says; the message says what is wrong. */
export class WrongCall extends Error {}

/** What was typed after the name of a command: one place, and options with a value. */
export interface Typed {
  place: string | undefined;
  options: Record<string, string | undefined>;
}

/**
 * Runs what a person types at a terminal, and ends this process: with what `work` answers, with 1 where it fails, with 2 where it
 * was not called as `usage` says. What is in the way is said in words, and not by the place in the program.
 */
export async function runCommand(
  usage: string, optionNames: readonly string[], work: (typed: Typed) => Promise<number>,
): Promise<never> {
  try {
    const { help, ...typed } = read(optionNames);
    if (help) process.stdout.write(`${usage}\n`);
    process.exit(help ? 0 : await work(typed));
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n${error instanceof WrongCall ? `\n${usage}\n` : ''}`);
    process.exit(error instanceof WrongCall ? 2 : 1);
  }
}

function read(optionNames: readonly string[]): Typed & { help: boolean } {
  const texts = Object.fromEntries(optionNames.map((name) => [name, { type: 'string' as const }]));
  const { values, positionals: [place, ...more] } = parsed({ ...texts, help: { type: 'boolean' as const, short: 'h' } });
  if (more.length > 0) throw new WrongCall('Name one folder, and no more.');
  const { help = false, ...options } = values as Typed['options'] & { help?: boolean };
  return { place, options, help };
}

function parsed(options: NonNullable<Parameters<typeof parseArgs>[0]>['options']) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new WrongCall(reasonOf(error), { cause: error });
  }
}

/** The words of anything that was thrown; where a name has several addresses each was tried. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
