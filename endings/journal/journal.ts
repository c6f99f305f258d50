/**
 * What must be known again after a backup was restored, kept outside of the database. Ids, pseudonyms and words of closed lists,
 * nothing personal. `at` is when it happened, RFC 3339.
 */
export type JournalEntry =
  /** Written before the key is destroyed: a restored copy of this lead must never be served. */
  | { kind: 'disposal'; at: string; disposalId: string; leadId: string };

/** A place outside of the database to which entries are only ever added. */
export interface Journal {
  /** Resolves when the entries would survive a power cut, in their order. */
  append(entries: readonly JournalEntry[]): Promise<void>;
}
