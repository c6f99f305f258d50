/** A list as it travels to the workflow that watches it: instants as RFC 3339 text. */
export interface WatchedList {
  list: string;
  state: string;
  asOf: string | null;
  staleAt: string | null;
}

/** What one look at the lists found. */
export interface ListWatch {
  lists: WatchedList[];
  /** What was said for the first time, such as `list.stale-soon us-federal`. */
  warned: string[];
  /** Whether the leads on lists were counted anew. */
  counted: boolean;
}

/** The gravest first. */
const MEANINGS: Record<string, string> = {
  missing: 'Required, and never loaded: calls that need them are on hold',
  stale: 'Too old: calls that need them are on hold',
  stale_soon: 'Too old soon: load a newer release',
  fresh: 'Fresh',
  unbound: 'No rule says how old they may become',
};

/** What an operator reads on opening a look at the lists, in Markdown. */
export function listWatchCard({ lists, warned, counted }: ListWatch): string {
  const parts = Object.entries(MEANINGS).flatMap(([state, meaning]) => {
    const found = lists.filter((each) => each.state === state);
    return found.length > 0 ? [`#### ${meaning}`, ...found.map(lineOf)] : [];
  });
  const said = warned.length > 0 ? ['#### Said for the first time', ...warned.map((warning) => `- ${warning}`)] : [];
  return [
    headline(lists),
    ...said,
    ...parts,
    ...(counted ? ['The leads on lists have been counted anew, by source.'] : []),
  ].join('\n\n').replaceAll('\n\n- ', '\n- ');
}

function headline(lists: readonly WatchedList[]): string {
  if (lists.length === 0) return '### No list is registered';
  const bad = lists.filter(({ state }) => state === 'missing' || state === 'stale').length;
  const soon = lists.filter(({ state }) => state === 'stale_soon').length;
  if (bad > 0) return `### ${bad} of ${lists.length} lists hold calls up`;
  return soon > 0 ? `### ${soon} of ${lists.length} lists go stale soon` : '### All lists are as fresh as they have to be';
}

function lineOf({ list, state, asOf, staleAt }: WatchedList): string {
  const parts = [`- **${list}**`, ...(asOf === null ? [] : [`as of ${minute(asOf)}`])];
  if (staleAt !== null) parts.push(state === 'stale' ? `too old since ${minute(staleAt)}` : `fresh until ${minute(staleAt)}`);
  return parts.join(', ');
}

function minute(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')} UTC`;
}
