import type { ConsentRow } from '../db/gate-facts.ts';
import type { Db } from '../db/connection.ts';
import { findSource } from '../db/sources.ts';
import type { ConsentText } from '../domain/source.ts';

/** The texts that people agreed to. A version of a text never changes, so each is read once. */
export class ConsentTexts {
  readonly #texts = new Map<string, ConsentText[]>();

  /** Makes sure that the texts of some consents are there. */
  async read(db: Db, consents: readonly Pick<ConsentRow, 'textSourceId' | 'textVersion'>[]): Promise<void> {
    const missing = consents.filter((consent) => consent.textSourceId !== null && this.#find(consent) === undefined);
    for (const sourceId of new Set(missing.flatMap(({ textSourceId }) => textSourceId ?? []))) {
      const source = await findSource(db, sourceId);
      const byVersion = Map.groupBy(source?.consentTexts ?? [], ({ version }) => keyOf(sourceId, version));
      for (const [key, texts] of byVersion) this.#texts.set(key, texts);
    }
  }

  /** Whether the text of a consent names a seller: in its list of names, or, where it has none, in its words. */
  names(seller: string, consent: Pick<ConsentRow, 'textSourceId' | 'textVersion'>): boolean {
    const wanted = seller.toLowerCase();
    return (this.#find(consent) ?? []).some(({ names, text }) => {
      if (names.length > 0) return names.some((name) => name.toLowerCase() === wanted);
      return text.toLowerCase().includes(wanted);
    });
  }

  /** In every language in which the version was shown. */
  #find({ textSourceId, textVersion }: Pick<ConsentRow, 'textSourceId' | 'textVersion'>): ConsentText[] | undefined {
    if (textSourceId === null || textVersion === null) return [];
    return this.#texts.get(keyOf(textSourceId, textVersion));
  }
}

function keyOf(sourceId: string, version: string): string {
  return `${sourceId} ${version}`;
}
