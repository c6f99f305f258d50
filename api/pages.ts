import type { IncomingMessage } from 'node:http';
import { decodeCursor, encodeCursor, UUID_PATTERN } from './cursor.ts';
import type { Answer } from './route.ts';

/** A question for a page of a list (`page` in fields.ts). */
interface PageAsked {
  query: { after?: string | undefined; limit: number };
  request: IncomingMessage;
}

/**
 * A page of a list that goes by ids: `find` answers up to so many rows beyond one, `show` what is told of each. Ids that are no
 * UUIDs have a pattern of their own.
 */
export async function pageById<Row extends { id: string }>(
  { query, request }: PageAsked,
  find: (beyond: string | null, most: number) => Promise<readonly Row[]>,
  show: (row: Row) => unknown,
  pattern = UUID_PATTERN,
): Promise<Answer> {
  const [beyond] = decodeCursor(query.after, [pattern]) ?? [null];
  const { items, next } = cutPage(await find(beyond, query.limit + 1), query.limit, ({ id }) => encodeCursor(id));
  return { status: 200, headers: nextPageHeaders(request, next), body: { items: items.map((row) => show(row)), next } };
}

/** RFC 8288 link to the next page of a list: the same query after another item. Nothing on the last page. */
export function nextPageHeaders(request: IncomingMessage, next: string | null): Record<string, string> {
  if (next === null) return {};
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const search = new URLSearchParams(query);
  search.set('after', next);
  return { link: `<${path}?${search}>; rel="next"` };
}

/** The items of a page out of one more than it may have, and the cursor after the last of them. */
export function cutPage<Item>(
  found: readonly Item[], limit: number, cursorOf: (last: Item) => string,
): { items: Item[]; next: string | null } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: found.length > limit && last !== undefined ? cursorOf(last) : null };
}
