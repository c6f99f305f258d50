/** How many numbers a block holds: all E.164 numbers that share `Math.floor(number / BLOCK_SIZE)`, their prefix. */
export const BLOCK_SIZE = 10_000;

/** A block as bits: bit n (the lowest of byte n >> 3 first) stands for the number `prefix * BLOCK_SIZE + n`. */
export const BLOCK_BYTES = 1_250;

const GAPS = 0;
const RAW = 1;

/** In a block of gaps: this many numbers are not listed, and the gap goes on. */
const LONG_GAP = 255;

const HIGHEST_NUMBER = 999_999_999_999_999;
/** Written anew for every block; gaps that do not fit are no shorter than the raw form. */
const gaps = new Uint8Array(BLOCK_BYTES);

/** The prefix of an E.164 number's block. Throws a RangeError for what is no whole number of 1 to 15 digits. */
export function prefixOf(number: number): number {
  if (!Number.isInteger(number) || number < 1 || number > HIGHEST_NUMBER) throw new RangeError('this is no E.164 number');
  return Math.floor(number / BLOCK_SIZE);
}

/**
 * The one encoding of a block, and the smallest. Its first byte is a tag. After 0 come the gaps: for each listed number, in
 * ascending order, how many numbers lie between it and the one before it (or the start), as one byte of 0 to 254 with a 255
 * before it for every 255 of them. After 1 come the 1,250 bytes as they are, which is the form wherever gaps are no shorter.
 */
export function encodeBlock(bits: Uint8Array): Uint8Array {
  const length = writeGaps(bits);
  if (length !== undefined) return gaps.slice(0, length);
  const raw = new Uint8Array(1 + BLOCK_BYTES);
  raw[0] = RAW;
  raw.set(bits, 1);
  return raw;
}

/** The bits of an encoded block, in memory of their own. Throws a RangeError for anything that encodeBlock does not write. */
export function decodeBlock(encoded: Uint8Array): Uint8Array {
  switch (encoded[0]) {
    case GAPS: return readGaps(encoded);
    case RAW: return readRaw(encoded);
    default: throw new RangeError('this is no block: its first byte is neither 0 nor 1');
  }
}

/** Whether number `place` (0 to 9,999) of a block is listed. */
export function isListed(bits: Uint8Array, place: number): boolean {
  return ((bits[place >> 3] as number) & (1 << (place & 7))) !== 0;
}

/** How many numbers of a block are listed. */
export function countListed(bits: Uint8Array): number {
  const words = wordsOf(bits);
  let count = 0;
  for (let at = 0; at < BLOCK_BYTES; at += 4) count += countOnes(wordAt(words, at));
  return count;
}

/** Calls a function with the place (0 to 9,999) of each listed number of a block, ascending. */
export function visitListed(bits: Uint8Array, visit: (place: number) => void): void {
  const words = wordsOf(bits);
  for (let at = 0; at < BLOCK_BYTES; at += 4) {
    for (let word = wordAt(words, at); word !== 0; word &= word - 1) visit(at * 8 + lowestOne(word));
  }
}

/** Fills `gaps` and answers how long they are, or undefined as soon as they are no shorter than the raw form. */
function writeGaps(bits: Uint8Array): number | undefined {
  const words = wordsOf(bits);
  let length = 1;
  let next = 0;
  for (let at = 0; at < BLOCK_BYTES; at += 4) {
    for (let word = wordAt(words, at); word !== 0; word &= word - 1) {
      const place = at * 8 + lowestOne(word);
      let gap = place - next;
      for (; gap >= LONG_GAP; gap -= LONG_GAP) gaps[length++] = LONG_GAP;
      if (length >= BLOCK_BYTES) return undefined;
      gaps[length++] = gap;
      next = place + 1;
    }
  }
  return length;
}

function readGaps(encoded: Uint8Array): Uint8Array {
  const { length } = encoded;
  if (length > BLOCK_BYTES) throw new RangeError('this block is written in the longer of its two forms');
  if (encoded[length - 1] === LONG_GAP) throw new RangeError('this block ends in the middle of a gap');
  const bits = new Uint8Array(BLOCK_BYTES);
  let place = -1;
  for (let at = 1; at < length; at += 1) {
    const gap = encoded[at] as number;
    place += gap;
    if (gap === LONG_GAP) continue;
    place += 1;
    if (place >= BLOCK_SIZE) throw new RangeError('this block lists a number beyond its last');
    bits[place >> 3] = (bits[place >> 3] as number) | (1 << (place & 7));
  }
  return bits;
}

function readRaw(encoded: Uint8Array): Uint8Array {
  if (encoded.length !== 1 + BLOCK_BYTES) throw new RangeError('this block has not the length of its form');
  const bits = encoded.slice(1);
  if (writeGaps(bits) !== undefined) throw new RangeError('this block is written in the longer of its two forms');
  return bits;
}

function wordsOf(bits: Uint8Array): DataView {
  if (bits.length !== BLOCK_BYTES) throw new RangeError(`a block has ${BLOCK_BYTES} bytes`);
  return new DataView(bits.buffer, bits.byteOffset, BLOCK_BYTES);
}

/** 32 places of a block, the first of them in the lowest bit; the last word has only 16. */
function wordAt(words: DataView, at: number): number {
  return at + 4 <= BLOCK_BYTES ? words.getInt32(at, true) : words.getUint16(at, true);
}

function lowestOne(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** The ones among 32 bits, counted in pairs, fours, eights and then all at once. */
function countOnes(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
