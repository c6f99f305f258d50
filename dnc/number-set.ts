import { BLOCK_BYTES, BLOCK_SIZE, countListed } from '../proof/number-block.ts';

/** Where the numbers of a file go, in the order of the file. Numbers are E.164 digits. */
export interface ListSink {
  add(number: number): void;
  remove(number: number): void;
}

/** New blocks are cut from pieces of this many: 160,000 buffers of their own would keep the garbage collector busy. */
const BLOCKS_AT_ONCE = 512;

/**
 * A set of E.164 numbers as blocks of bits by prefix; a whole registry takes some 200 MB. It is at its fastest when numbers
 * come in order, or at least those of a prefix one after the other.
 */
export class NumberSet implements ListSink {
  readonly #blocks = new Map<number, Uint8Array>();
  #spare = new Uint8Array(0);
  #prefix = -1;
  #bits: Uint8Array = new Uint8Array(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(number: number): void {
    const prefix = Math.floor(number / BLOCK_SIZE);
    if (prefix !== this.#prefix) this.#turnTo(prefix);
    const place = number - prefix * BLOCK_SIZE;
    const before = this.#bits[place >> 3] as number;
    const after = before | (1 << (place & 7));
    if (after === before) return;
    this.#bits[place >> 3] = after;
    this.#size += 1;
  }

  remove(number: number): void {
    if (!this.has(number)) return;
    const prefix = Math.floor(number / BLOCK_SIZE);
    this.#turnTo(prefix);
    const place = number - prefix * BLOCK_SIZE;
    this.#bits[place >> 3] = (this.#bits[place >> 3] as number) & ~(1 << (place & 7));
    this.#size -= 1;
  }

  has(number: number): boolean {
    const prefix = Math.floor(number / BLOCK_SIZE);
    const place = number - prefix * BLOCK_SIZE;
    return ((this.#blocks.get(prefix)?.[place >> 3] ?? 0) & (1 << (place & 7))) !== 0;
  }

  /** The prefixes of all numbers, ascending. */
  prefixes(): number[] {
    const listed = [...this.#blocks].flatMap(([prefix, bits]) => (countListed(bits) > 0 ? [prefix] : []));
    return listed.sort((one, other) => one - other);
  }

  /** The bits of a prefix (proof/number-block.ts), not to be changed; undefined where no number has it. */
  bits(prefix: number): Uint8Array | undefined {
    return this.#blocks.get(prefix);
  }

  #turnTo(prefix: number): void {
    let bits = this.#blocks.get(prefix);
    if (bits === undefined) this.#blocks.set(prefix, bits = this.#newBlock());
    this.#prefix = prefix;
    this.#bits = bits;
  }

  #newBlock(): Uint8Array {
    if (this.#spare.length === 0) this.#spare = new Uint8Array(BLOCKS_AT_ONCE * BLOCK_BYTES);
    const block = this.#spare.subarray(0, BLOCK_BYTES);
    this.#spare = this.#spare.subarray(BLOCK_BYTES);
    return block;
  }
}

/** What a change file asks for. Where it names a number more than once, the last time counts. */
export class NumberChanges implements ListSink {
  readonly #added = new NumberSet();
  readonly #removed = new NumberSet();

  /** How many numbers are to be on the list afterwards, and how many are not to be, whether or not they are now. */
  get counts(): { added: number; removed: number } {
    return { added: this.#added.size, removed: this.#removed.size };
  }

  add(number: number): void {
    this.#added.add(number);
    this.#removed.remove(number);
  }

  remove(number: number): void {
    this.#removed.add(number);
    this.#added.remove(number);
  }

  /** The prefixes of all numbers that the file names, ascending. */
  prefixes(): number[] {
    return [...new Set([...this.#added.prefixes(), ...this.#removed.prefixes()])].sort((one, other) => one - other);
  }

  /** The bits of a prefix after the change, in memory of their own; what is given is left as it is. */
  apply(prefix: number, bits: Uint8Array): Uint8Array {
    const changed = bits.slice();
    const [added, removed] = [this.#added.bits(prefix), this.#removed.bits(prefix)];
    if (added) for (let at = 0; at < BLOCK_BYTES; at += 1) changed[at] = (changed[at] as number) | (added[at] as number);
    if (removed) for (let at = 0; at < BLOCK_BYTES; at += 1) changed[at] = (changed[at] as number) & ~(removed[at] as number);
    return changed;
  }
}
