import { BLOCK_SIZE } from '../../proof/number-block.ts';
import type { ListSink } from '../number-set.ts';
import { areaCodeOf } from '../prefixes.ts';
import type { RowRefusal } from './row-refusal.ts';

/** What became of a file. `lines` are those that should hold a number, and always `read` and `refused` together. */
export interface ParseReport {
  lines: number;
  read: number;
  refused: number;
  /** Of those read, the numbers of another country than the list's. */
  foreign: number;
  /** The first hundred: the line in the file, counted from 1 and through all files of a zip, and why; never what it says. */
  refusals: { line: number; code: RowRefusal }[];
  /** The North American area codes that were seen. */
  areaCodes: Set<number>;
}

export interface TallyOptions {
  isForeign: (prefix: number) => boolean;
  /** Where given, what lies in no area code of these is refused. */
  areaCodes: ReadonlySet<number> | undefined;
}

const MOST_REFUSALS = 100;

/** Counts what is read and refused, and hands on what is read. */
export class Tally {
  readonly #options: TallyOptions;
  readonly #sink: ListSink;
  readonly #areaCodes = new Set<number>();
  readonly #refusals: ParseReport['refusals'] = [];
  #read = 0;
  #refused = 0;
  #foreign = 0;
  // What holds for one number holds for all of its prefix, and they come one after the other.
  #prefix = -1;
  #isForeign = false;
  #isAdmitted = true;

  constructor(options: TallyOptions, sink: ListSink) {
    this.#options = options;
    this.#sink = sink;
  }

  take(number: number, removes: boolean, line: number): void {
    const prefix = Math.floor(number / BLOCK_SIZE);
    if (prefix !== this.#prefix) this.#judge(prefix);
    if (!this.#isAdmitted) return this.refuse(line, 'other_area_code');
    this.#read += 1;
    if (this.#isForeign) this.#foreign += 1;
    if (removes) this.#sink.remove(number);
    else this.#sink.add(number);
  }

  refuse(line: number, code: RowRefusal): void {
    this.#refused += 1;
    if (this.#refusals.length < MOST_REFUSALS) this.#refusals.push({ line, code });
  }

  report(): ParseReport {
    const [read, refused] = [this.#read, this.#refused];
    const found = { refusals: [...this.#refusals], areaCodes: new Set(this.#areaCodes) };
    return { lines: read + refused, read, refused, foreign: this.#foreign, ...found };
  }

  #judge(prefix: number): void {
    const { isForeign, areaCodes } = this.#options;
    const areaCode = areaCodeOf(prefix);
    this.#prefix = prefix;
    this.#isForeign = isForeign(prefix);
    this.#isAdmitted = areaCodes === undefined || (areaCode !== undefined && areaCodes.has(areaCode));
    if (areaCode !== undefined && this.#isAdmitted) this.#areaCodes.add(areaCode);
  }
}
