import type { ListFileFailureCode } from './list-file-failure.ts';
import type { ParseReport } from './parsing/list-parser.ts';

/** Why a release fails. Closed: `problem.code` of a release is one of these. */
export type ReleaseFailureCode =
  | ListFileFailureCode
  | 'file_missing'
  | 'file_altered'
  | 'wrong_format'
  | 'too_many_refused'
  | 'no_numbers'
  | 'change_without_base'
  | 'older_than_in_force'
  | 'abandoned';

/** A release that cannot come into force, as a value that can be thrown. `detail` never holds a word of the file. */
export class ReleaseFailure extends Error {
  readonly code: ReleaseFailureCode;
  /** What was read of the file, where it was read. */
  readonly report: ParseReport | null;

  constructor(code: ReleaseFailureCode, detail: string, report: ParseReport | null = null) {
    super(detail);
    this.name = 'ReleaseFailure';
    this.code = code;
    this.report = report;
  }
}
