import { BLOCK_SIZE, visitListed } from '../../proof/number-block.ts';

/** The listed numbers of a block as E.164 digits, ascending. */
export function numbersIn(prefix: number, bits: Uint8Array): number[] {
  const numbers: number[] = [];
  visitListed(bits, (place) => void numbers.push(prefix * BLOCK_SIZE + place));
  return numbers;
}
