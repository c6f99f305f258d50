import type { BlockHistory } from '../db/dnc-look-up.ts';
import { BLOCK_BYTES, decodeBlock, isListed } from '../proof/number-block.ts';

/** A block as it was after every release of its list. */
export class PastBlock {
  readonly #begun: number;
  readonly #bits: Uint8Array;
  readonly #flips: readonly { number: number; bits: Uint8Array }[];

  constructor({ begun, block, numbers, flips }: Pick<BlockHistory, 'begun' | 'block' | 'numbers' | 'flips'>) {
    this.#begun = begun;
    this.#bits = decodeBlock(block);
    this.#flips = numbers.map((number, nth) => ({ number, bits: decodeBlock(flips[nth] ?? Buffer.alloc(0)) }));
  }

  /** The number of the release since which a place has been listed without a break, by a release; null when it is not listed. */
  listedSince(place: number, number: number): number | null {
    if (number < this.#begun) return null;
    const flipsOfPlace = this.#flips.filter(({ bits }) => isListed(bits, place));
    const later = flipsOfPlace.filter((flip) => flip.number > number).length;
    if (isListed(this.#bits, place) === (later % 2 === 1)) return null;
    return flipsOfPlace.findLast((flip) => flip.number <= number)?.number ?? this.#begun;
  }

  /** All bits after a release. */
  bitsAt(number: number): Uint8Array {
    if (number < this.#begun) return new Uint8Array(BLOCK_BYTES);
    const bits = this.#bits.slice();
    for (const flip of this.#flips) {
      if (flip.number > number) flip.bits.forEach((byte, at) => (bits[at] = (bits[at] as number) ^ byte));
    }
    return bits;
  }
}
