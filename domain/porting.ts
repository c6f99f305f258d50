import type { LineType } from './clearance.ts';

/** A number that was taken along to another kind of line. It stays the number of the same person, on the same lists. */
export interface Porting {
  id: string;
  /** From this moment on. */
  at: Date;
  /** What the line is from then on. */
  lineType: LineType;
}

/** The porting that says what a line is now: the last one, by when it happened; null for a number that never was ported. */
export function lastPorting(portings: readonly Porting[]): Porting | null {
  const [last = null] = [...portings].sort((one, other) => other.at.getTime() - one.at.getTime() || (one.id < other.id ? 1 : -1));
  return last;
}

/** Whether the digits of a number on such a line say where within its country it is; null is a line that nobody looked up. */
export function isBoundToPlace(lineType: LineType | null): boolean {
  return lineType === null || lineType === 'fixed';
}
