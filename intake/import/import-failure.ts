/** Why an import fails as a whole, before its first row. Closed and documented in docs/imports.md. */
export type ImportFailureCode =
  | 'empty_file'
  | 'not_text'
  | 'unknown_encoding'
  | 'broken_quoting'
  | 'record_too_long'
  | 'mapping_missing'
  | 'mapping_incomplete'
  | 'column_missing'
  | 'column_ambiguous'
  | 'too_many_rows'
  | 'upload_damaged';

/** An import that cannot be, as a value that can be thrown. `detail` never holds a word of the file. */
export class ImportFailure extends Error {
  readonly code: ImportFailureCode;

  constructor(code: ImportFailureCode, detail: string) {
    super(detail);
    this.name = 'ImportFailure';
    this.code = code;
  }
}
