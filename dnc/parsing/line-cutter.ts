const LINE_FEED = 0x0a;

/** A line of more bytes than this is none of a list; what is more of it is not kept. */
export const LONGEST_LINE = 65_536;

/** Sees the bytes from `start` up to `end`, without the line feed. They are gone after the call. */
export type LineVisitor = (bytes: Buffer, start: number, end: number) => void;

/** Cuts bytes into lines, whatever the chunks they arrive in. */
export class LineCutter {
  readonly #visit: LineVisitor;
  readonly #held = Buffer.allocUnsafe(LONGEST_LINE + 1);
  #length = 0;

  constructor(visit: LineVisitor) {
    this.#visit = visit;
  }

  write(chunk: Buffer): void {
    let start = this.#length > 0 ? this.#completeHeld(chunk) : 0;
    const { length } = chunk;
    for (let at = start; at < length; at += 1) {
      if (chunk[at] !== LINE_FEED) continue;
      this.#visit(chunk, start, at);
      start = at + 1;
    }
    this.#hold(chunk, start, length);
  }

  /** The last line, where the file does not end with a line feed. */
  end(): void {
    if (this.#length > 0) this.#visit(this.#held, 0, this.#length);
    this.#length = 0;
  }

  /** Where in the chunk the line after the held one starts. */
  #completeHeld(chunk: Buffer): number {
    const found = chunk.indexOf(LINE_FEED);
    if (found === -1) return 0;
    this.#hold(chunk, 0, found);
    this.end();
    return found + 1;
  }

  #hold(chunk: Buffer, start: number, end: number): void {
    this.#length += chunk.copy(this.#held, this.#length, start, end);
  }
}
