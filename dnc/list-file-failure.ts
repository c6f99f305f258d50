/** Why a file of a list fails as a whole. Closed: callers may switch over it. */
export type ListFileFailureCode =
  | 'file_truncated'
  | 'file_not_text'
  | 'gzip_unreadable'
  | 'zip_unreadable'
  | 'zip_encrypted'
  | 'too_large_unpacked'
  | 'xml_unreadable'
  | 'xml_declares_entities';

/** A file that cannot be read, as a value that can be thrown. `detail` never holds a word of the file. */
export class ListFileFailure extends Error {
  readonly code: ListFileFailureCode;

  constructor(code: ListFileFailureCode, detail: string) {
    super(detail);
    this.name = 'ListFileFailure';
    this.code = code;
  }
}
