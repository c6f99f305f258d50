const FAILURES = {
  not_configured: 'There are no credentials for this provider: put them into the folder of the configuration.',
  credentials_refused: 'The provider does not accept the credentials, or the account may not do this.',
  address_refused: 'The address of the provider is not one that may be asked: use https and a public address, or allow private ones in the configuration.',
  refused: 'The provider refuses the request.',
  unreadable_answer: 'The provider answers with something that is no answer to the question.',
  unreachable: 'The provider cannot be reached.',
  busy: 'The provider cannot answer now.',
  stalled: 'The provider did not answer in time.',
  paused: 'The provider has failed too often in a row and is left alone for a while.',
  no_data: 'Nothing is kept of this person any more, or the evidence names no certificate.',
  no_number: 'Nothing is kept of this number any more.',
  not_covered: 'The provider has nothing about numbers of this kind.',
} as const;
export type ProviderProblem = keyof typeof FAILURES;

/** What may go away by itself, so that it is worth to ask again later. */
const PASSING: ReadonlySet<ProviderProblem> = new Set<ProviderProblem>(['unreadable_answer', 'unreachable', 'busy', 'stalled', 'paused']);

/** Why there is no answer. Its words are ours alone: nothing that a provider says is in them. */
export class ProviderFailure extends Error {
  readonly code: ProviderProblem;
  readonly isPassing: boolean;
  /** For how long the provider is to be left alone. */
  readonly retryAfterMs: number | null;

  constructor(code: ProviderProblem, retryAfterMs: number | null = null) {
    super(FAILURES[code]);
    this.name = 'ProviderFailure';
    this.code = code;
    this.isPassing = PASSING.has(code);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The sentence behind a word that was kept of a failure. */
export function problemWords(code: string | null): string | null {
  return code === null ? null : Object.entries(FAILURES).find(([known]) => known === code)?.[1] ?? null;
}
