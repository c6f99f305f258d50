/** What came of a run, as it travels to its workflow: words and ids, nothing that a server or a file says. */
export interface FetchOutcome {
  list: string;
  /** `nothing`: no file is there, or it has not changed. `removed`: the fetch is no longer in use. */
  outcome: 'received' | 'nothing' | 'removed';
  releases: { releaseId: string; asOf: string; sizeBytes: number; isKnown: boolean }[];
}

const MEANINGS: Record<FetchOutcome['outcome'], string> = {
  received: 'What was there has been received, and is brought into force by a workflow of its own.',
  nothing: 'There is nothing new. The release in force stays, and grows older.',
  removed: 'This fetch is no longer in use; its schedule is about to go.',
};

/** What an operator reads on opening a run, in Markdown. */
export function fetchCard(fetched: FetchOutcome | null): string {
  if (!fetched) return '### fetching\n\nLooks for a newer file; where it is away for a while, it is asked again later.';
  const { list, outcome, releases } = fetched;
  const lines = releases.map(({ releaseId, asOf, sizeBytes, isKnown }) =>
    `- release ${releaseId} as of **${asOf.slice(0, 16).replace('T', ' ')} UTC**, ${sizeBytes} bytes${isKnown ? ', received before' : ''}`);
  return [`### ${outcome}`, MEANINGS[outcome], ...(list === '' ? [] : [`List **${list}**`]), ...lines].join('\n\n').replaceAll('\n\n- ', '\n- ');
}

/** What it reads where the run came to nothing. */
export function failedFetchCard(problem: string): string {
  return `### failed\n\n${problem}\n\nNothing has changed: the release in force stays, and grows older. The next run tries again.`;
}
