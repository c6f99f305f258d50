import type { ConsentRow } from '../db/gate-facts.ts';
import type { Db } from '../db/connection.ts';
import { findSource } from '../db/sources.ts';
import type { ConsentText } from '../domain/source.ts';

/** Whom a text names: by its list, or else by its words. */
interface Naming {
  names: ReadonlySet<string>;
  text: string;
}

/** The texts that people agreed to. A version of a text never changes, so each is read once. */
export class ConsentTexts {
  readonly #texts = new Map<string, Naming[]>();

  /** Makes sure that the texts of some consents are there. */
  async read(db: Db, consents: readonly Pick<ConsentRow, 'textSourceId' | 'textVersion'>[]): Promise<void> {
    const missing = consents.filter((consent) => consent.textSourceId !== null && this.#find(consent) === undefined);
    for (const sourceId of new Set(missing.flatMap(({ textSourceId }) => textSourceId ?? []))) {
      const source = await findSource(db, sourceId);
      const byVersion = Map.groupBy(source?.consentTexts ?? [], ({ version }) => keyOf(sourceId, version));
      for (const [key, texts] of byVersion) this.#texts.set(key, texts.map(namingOf));
    }
  }

  /** Whether the text of a consent names a seller: in its list of names, or, where it has none, as whole words of it. */
  names(seller: string, consent: Pick<ConsentRow, 'textSourceId' | 'textVersion'>): boolean {
    const texts = this.#find(consent) ?? [];
    if (texts.length === 0) return false;
    const [name, words] = [seller.toLowerCase(), wordsOf(seller)];
    return texts.some(({ names, text }) => (names.size > 0 ? names.has(name) : text.includes(words)));
  }

  /** In every language in which the version was shown. */
  #find({ textSourceId, textVersion }: Pick<ConsentRow, 'textSourceId' | 'textVersion'>): Naming[] | undefined {
    if (textSourceId === null || textVersion === null) return [];
    return this.#texts.get(keyOf(textSourceId, textVersion));
  }
}

function namingOf({ names, text }: ConsentText): Naming {
  return { names: new Set(names.map((name) => name.toLowerCase())), text: wordsOf(text) };
}

function keyOf(sourceId: string, version: string): string {
  return `${sourceId} ${version}`;
}

/** The words of a text with blanks around each, whatever stands between them; scripts without blanks have one a character. */
function wordsOf(text: string): string {
  const apart = text.toLowerCase().replace(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu, ' $& ');
  return ` ${apart.split(/[^\p{L}\p{M}\p{N}]+/u).filter((word) => word !== '').join(' ')} `;
}
