import { fixedRowSize } from '../db/copy-reading.ts';
import type { CopyTransaction } from '../db/copy.ts';
import { LEAD_TOKENS, TOKEN_WIDTHS } from '../db/dnc-matches.ts';

const BITS_PER_LEAD = 16;
const LEAST_BITS = 1 << 16;
const MOST_BITS = 2 ** 32;
/** Two bytes, and four for the length of the token, come before it. */
const TOKEN_AT = 6;

/** Which tokens leads may have, in a few bits for each: of those that no lead has, one in sixteen or fewer is let through. */
export class TokenFilter {
  readonly #bits: Uint8Array;
  readonly #shift: number;

  /** There are no leads. */
  isEmpty = true;

  private constructor(leads: number) {
    const bits = Math.min(MOST_BITS, Math.max(LEAST_BITS, 2 ** Math.ceil(Math.log2(leads * BITS_PER_LEAD))));
    this.#bits = new Uint8Array(bits / 8);
    this.#shift = 32 - Math.log2(bits);
  }

  /** Reads the tokens of all leads, which are about so many. */
  static async read({ readFixed }: Pick<CopyTransaction, 'readFixed'>, leads: number): Promise<TokenFilter> {
    const filter = new TokenFilter(leads);
    const size = fixedRowSize(TOKEN_WIDTHS);
    for await (const rows of readFixed(LEAD_TOKENS, TOKEN_WIDTHS)) {
      filter.isEmpty = false;
      for (let at = TOKEN_AT; at < rows.length; at += size) filter.#add(rows, at);
    }
    return filter;
  }

  /** Tokens are pseudonyms: any of their bits are as good as random. */
  mayHave(bytes: Buffer, at: number): boolean {
    const place = bytes.readUInt32BE(at) >>> this.#shift;
    return ((this.#bits[place >>> 3] as number) & (1 << (place & 7))) !== 0;
  }

  #add(bytes: Buffer, at: number): void {
    const place = bytes.readUInt32BE(at) >>> this.#shift;
    this.#bits[place >>> 3] = (this.#bits[place >>> 3] as number) | (1 << (place & 7));
  }
}
