import type { Readable } from 'node:stream';

/** What a server names a state of a file by. */
export interface Validators {
  etag: string | null;
  lastModified: string | null;
}

/** A file of a registry that is there to be taken. */
export interface FoundFile {
  /** Its bytes; fails with a FetchFailure where they do not come as they were announced. */
  body: Readable;
  asOf: Date;
  /** What to ask by the next time, where the file need not be taken again as long as it is the same. */
  validators: Validators | null;
  /** To be called once the file is on our books. */
  settle(): Promise<void>;
}

/** A place from which the files of a list come. One of these is made for every run. */
export interface ListFetcher {
  /** The next file, or null when nothing (more) is there that has not been taken. Throws a FetchFailure. */
  next(): Promise<FoundFile | null>;
}

const FAILURES = {
  credentials_unreadable: 'The file with the credentials is missing or does not say "basic user:password" or "bearer token".',
  credentials_refused: 'The server does not accept the credentials.',
  address_refused: 'The address is not one that may be asked: use https and a public address, or allow private ones in the configuration.',
  redirect_refused: 'The server sends on to another host, or round in circles.',
  refused: 'The server refuses the request.',
  not_a_file: 'The server answers with a page instead of a file.',
  length_unknown: 'The server does not say how long the file is, so that a cut-off could not be told from its end.',
  length_wrong: 'The server sends more than it said the file has.',
  too_large: 'The file is larger than the configuration allows.',
  unreachable: 'The server cannot be reached.',
  busy: 'The server cannot answer now.',
  stalled: 'The server stopped sending.',
  cut_off: 'The file was cut off before its end.',
  changed_meanwhile: 'The file changed while it was being fetched.',
  folder_missing: 'The watched folder is not there.',
  unreadable: 'A file in the watched folder may not be read.',
  date_impossible: 'A file in the watched folder is named after a day that does not exist.',
} as const;
export type FetchProblem = keyof typeof FAILURES;

/** What may go away by itself, so that it is worth to try again a little later. */
const PASSING: ReadonlySet<FetchProblem> = new Set<FetchProblem>([
  'unreachable', 'busy', 'stalled', 'cut_off', 'changed_meanwhile', 'length_wrong',
]);

/** Why nothing was fetched. Its words are ours alone: nothing that a server or a folder says is in them. */
export class FetchFailure extends Error {
  readonly code: FetchProblem;
  readonly isPassing: boolean;
  /** For how long the server asked to be left alone. */
  readonly retryAfterMs: number | null;

  constructor(code: FetchProblem, retryAfterMs: number | null = null) {
    super(FAILURES[code]);
    this.name = 'FetchFailure';
    this.code = code;
    this.isPassing = PASSING.has(code);
    this.retryAfterMs = retryAfterMs;
  }
}
