/** Facts that are put back as rows of their own. */
export const ROW_KINDS = ['suppression', 'withdrawal', 'unclear', 'statement', 'request', 'hold'] as const;
/** Facts that changed a row. */
export const CHANGE_KINDS = ['lift', 'outlived', 'unclear_resolved', 'erasure', 'hold_released', 'key_revoked', 'suspended'] as const;
/** What became of a disposal. */
type DisposalKind = 'destroyed' | 'disposed' | 'taken_back';

/** What a row says, as the trigger that noted it put it: ids, keyed pseudonyms, instants, words of closed lists. */
type NotedRow = Readonly<Record<string, unknown>> & { readonly id: string };

/** What the triggers of the database note (db/migrations/0018-journal.ts). */
export interface NotedEntry {
  kind: (typeof ROW_KINDS | typeof CHANGE_KINDS)[number] | DisposalKind;
  at: string;
  row: NotedRow;
  /** The pseudonym of the lead's number, as text. */
  token?: string | null;
}

/** Written before the key is destroyed: a restored copy of this lead must never be served. */
export interface DisposalEntry {
  kind: 'disposal';
  at: string;
  disposalId: string;
  leadId: string;
}

/**
 * What must be known again after a backup was restored, kept outside of the database. Ids, pseudonyms and words of closed lists,
 * nothing personal. `at` is when it happened, RFC 3339.
 */
export type JournalEntry = DisposalEntry | NotedEntry;

/** A place outside of the database to which entries are only ever added. */
export interface Journal {
  /** Resolves when the entries would survive a power cut, in their order. */
  append(entries: readonly JournalEntry[]): Promise<void>;
}
