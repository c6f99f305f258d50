import type { IncomingMessage } from 'node:http';

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
