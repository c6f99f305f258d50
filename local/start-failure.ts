/** A step that could not be done, told so that a person can act on it: what failed, why, and what to do about it. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';

  constructor(what: string, why: string, advice: string) {
    super(`${what}\n  why:        ${indent(why)}\n  what to do: ${indent(advice)}`);
  }
}

/** The words of anything that was thrown, without its stack. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

function indent(text: string): string {
  return text.trimEnd().replaceAll('\n', '\n              ');
}
