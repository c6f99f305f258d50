import { LONGEST_RECORD, SlicingError, type Slicer } from './csv-slicer.ts';

/** Cuts newline-delimited JSON: every line is a record of one cell. A CR before the LF is left to the JSON parser. */
export class NdjsonSlicer implements Slicer {
  #rest: string[] = [];
  #restLength = 0;
  #records = 0;

  push(chunk: string): string[][] {
    const lines = chunk.split('\n');
    const last = lines.pop() ?? '';
    if (lines.length > 0) {
      lines[0] = this.#takeRest() + (lines[0] as string);
      this.#records += lines.length;
    }
    this.#rest.push(last);
    this.#restLength += last.length;
    if (this.#restLength > LONGEST_RECORD) throw new SlicingError('record_too_long', this.#records + 1);
    return lines.map((line) => [line]);
  }

  end(): string[][] {
    const line = this.#takeRest();
    return line === '' ? [] : [[line]];
  }

  #takeRest(): string {
    const rest = this.#rest.join('');
    this.#rest = [];
    this.#restLength = 0;
    return rest;
  }
}
