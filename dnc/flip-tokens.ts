import { TOKEN_BLOCK, type Vault } from '../db/vault.ts';
import { BLOCK_SIZE } from '../proof/number-block.ts';
import type { TokenFilter } from './token-filter.ts';

/** Numbers encrypted at a time. */
const AT_ONCE = 16_384;
/** Tokens looked up at a time: the more of them, the less of the index is read twice. */
const PORTION = 1 << 19;
const PLUS = 0x2b;
const ZERO = 0x30;
const PLACE_DIGITS = 4;

/** The four digits of every place of a block. */
const PLACES = Uint8Array.from({ length: BLOCK_SIZE * PLACE_DIGITS }, (_, at) => {
  const place = Math.floor(at / PLACE_DIGITS);
  return ZERO + (Math.floor(place / 10 ** (PLACE_DIGITS - 1 - (at % PLACE_DIGITS))) % 10);
});

/** Gathers the tokens of numbers, given as prefix and place; where there is a filter, only those that some lead may have. */
export class FlipTokens {
  readonly #vault: Vault;
  readonly #filter: TokenFilter | null;
  readonly #blocks = Buffer.alloc(AT_ONCE * TOKEN_BLOCK);
  readonly #tokens = new BigInt64Array(PORTION + 2 * AT_ONCE);
  #laidOut = 0;
  #gathered = 0;
  #prefix = -1;
  #digits = new Uint8Array(0);

  constructor(vault: Vault, filter: TokenFilter | null) {
    this.#vault = vault;
    this.#filter = filter;
  }

  /** Whether it is time to look some up; to be asked after every block. */
  get isFull(): boolean {
    return this.#gathered >= PORTION;
  }

  add(prefix: number, place: number): void {
    if (prefix !== this.#prefix) this.#turnTo(prefix);
    const at = this.#laidOut * TOKEN_BLOCK;
    const { length } = this.#digits;
    const blocks = this.#blocks;
    for (let digit = 0; digit < length; digit += 1) blocks[at + digit] = this.#digits[digit] as number;
    for (let digit = 0; digit < PLACE_DIGITS; digit += 1) {
      blocks[at + length + digit] = PLACES[place * PLACE_DIGITS + digit] as number;
    }
    blocks.fill(0, at + length + PLACE_DIGITS, at + TOKEN_BLOCK);
    this.#laidOut += 1;
    if (this.#laidOut === AT_ONCE) this.#encrypt();
  }

  /** The tokens gathered since the last call, sorted. */
  take(): BigInt64Array {
    this.#encrypt();
    const taken = this.#tokens.slice(0, this.#gathered).sort();
    this.#gathered = 0;
    return taken;
  }

  #turnTo(prefix: number): void {
    this.#prefix = prefix;
    this.#digits = Uint8Array.of(PLUS, ...Buffer.from(String(prefix)));
  }

  #encrypt(): void {
    const encrypted = this.#vault.encryptNumbers(this.#blocks.subarray(0, this.#laidOut * TOKEN_BLOCK));
    for (let nth = 0, at = 0; nth < this.#laidOut; nth += 1, at += TOKEN_BLOCK) {
      if (this.#filter && !this.#filter.mayHave(encrypted, at)) continue;
      this.#tokens[this.#gathered] = encrypted.readBigInt64BE(at);
      this.#gathered += 1;
    }
    this.#laidOut = 0;
  }
}
