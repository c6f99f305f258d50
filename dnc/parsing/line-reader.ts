import type { RowRefusal } from './row-refusal.ts';

/** Reads one line after the other. What the last one asked for stands in `removes`, so that no object is made for a line. */
export interface LineReader {
  /** Whether the line that was read last is to be removed from the list rather than added; undefined where lines do not say. */
  readonly removes: boolean | undefined;
  /** The number in E.164 that stands in the bytes from `start` up to `end`, which neither end in blanks nor are empty. */
  read(bytes: Buffer, start: number, end: number): number | RowRefusal;
}
