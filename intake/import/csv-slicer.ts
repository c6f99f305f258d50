const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** A record of more characters than this is almost always a quote that was never closed. */
export const LONGEST_RECORD = 8_000_000;

/** An unfinished record of more characters than this is looked at again only once it has doubled. */
const LONG_RECORD = 250_000;

/** Cuts text into records, each an array of cells, whatever the chunks it arrives in. */
export interface Slicer {
  /** The records that this chunk completes. Throws a SlicingError. */
  push(chunk: string): string[][];
  /** The last record, where the text does not end with a line end. Throws a SlicingError. */
  end(): string[][];
}

/** Why text cannot be cut into records. `record` counts from 1. */
export class SlicingError extends Error {
  readonly code: 'broken_quoting' | 'record_too_long';
  readonly record: number;

  constructor(code: SlicingError['code'], record: number) {
    super(`${code} in record ${record}`);
    this.name = 'SlicingError';
    this.code = code;
    this.record = record;
  }
}

/**
 * Cuts delimited text: RFC 4180 with any one-character delimiter and with CRLF, LF or CR at line ends. A quote may open at
 * the start of a cell only and must close right before a delimiter, a line end or the end of the text. A blank line is a
 * record of one empty cell.
 */
export class CsvSlicer implements Slicer {
  readonly #delimiter: number;
  #text = '';
  /** Before it is this long, the text cannot be expected to hold the whole of a very long record. */
  #worthwhile = 0;
  #at = 0;
  #records = 0;
  #afterReturn = false;

  constructor(delimiter: string) {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  push(chunk: string): string[][] {
    this.#text = this.#text === '' ? chunk : this.#text + chunk;
    if (this.#afterReturn && this.#text !== '') this.#skipLineFeed();
    return this.#text.length < this.#worthwhile ? [] : this.#sliceAll(false);
  }

  end(): string[][] {
    return this.#text === '' ? [] : this.#sliceAll(true);
  }

  #sliceAll(final: boolean): string[][] {
    const records: string[][] = [];
    this.#at = 0;
    let start = 0;
    while (start < this.#text.length) {
      const cells = this.#sliceRecord(final);
      if (cells === null) break;
      records.push(cells);
      this.#records += 1;
      start = this.#at;
    }
    this.#text = this.#text.slice(start);
    this.#worthwhile = this.#text.length > LONG_RECORD ? this.#text.length * 2 : 0;
    if (this.#text.length > LONGEST_RECORD) throw new SlicingError('record_too_long', this.#records + 1);
    return records;
  }

  /** One record and its line end; null when the text ends before the record does. */
  #sliceRecord(final: boolean): string[] | null {
    const text = this.#text;
    const cells: string[] = [];
    for (;;) {
      const cell = text.charCodeAt(this.#at) === QUOTE ? this.#sliceQuoted(final) : this.#slicePlain();
      if (cell === null) return null;
      const next = text.charCodeAt(this.#at);
      if (Number.isNaN(next) && !final) return null;
      cells.push(cell);
      if (next !== this.#delimiter) return this.#passLineEnd(next, cells);
      this.#at += 1;
    }
  }

  #slicePlain(): string {
    const text = this.#text;
    const delimiter = this.#delimiter;
    const { length } = text;
    const start = this.#at;
    let at = start;
    for (; at < length; at += 1) {
      const char = text.charCodeAt(at);
      if (char === delimiter) break;
      if (char > QUOTE) continue;
      if (char === LINE_FEED || char === CARRIAGE_RETURN) break;
      if (char === QUOTE) throw this.#brokenQuoting();
    }
    this.#at = at;
    return text.slice(start, at);
  }

  #sliceQuoted(final: boolean): string | null {
    const text = this.#text;
    const start = this.#at + 1;
    let doubled = false;
    let close = text.indexOf('"', start);
    while (close !== -1 && text.charCodeAt(close + 1) === QUOTE) {
      doubled = true;
      close = text.indexOf('"', close + 2);
    }
    if (close === -1) return this.#unclosed(final);
    this.#at = close + 1;
    const next = text.charCodeAt(this.#at);
    if (!this.#endsCell(next)) throw this.#brokenQuoting();
    const content = text.slice(start, close);
    return doubled ? content.replaceAll('""', '"') : content;
  }

  #endsCell(char: number): boolean {
    return char === this.#delimiter || char === LINE_FEED || char === CARRIAGE_RETURN || Number.isNaN(char);
  }

  #unclosed(final: boolean): null {
    if (final) throw this.#brokenQuoting();
    return null;
  }

  #passLineEnd(next: number, cells: string[]): string[] {
    this.#at += 1;
    if (next === CARRIAGE_RETURN) {
      if (this.#at === this.#text.length) this.#afterReturn = true;
      else if (this.#text.charCodeAt(this.#at) === LINE_FEED) this.#at += 1;
    }
    return cells;
  }

  /** A CRLF that two chunks share is one line end. */
  #skipLineFeed(): void {
    if (this.#text.charCodeAt(0) === LINE_FEED) this.#text = this.#text.slice(1);
    this.#afterReturn = false;
  }

  #brokenQuoting(): SlicingError {
    return new SlicingError('broken_quoting', this.#records + 1);
  }
}
