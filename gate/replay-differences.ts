import type { Decision } from '../domain/clearance.ts';
import { canonicalJson } from '../proof/canonical-json.ts';
import type { Json } from '../proof/clearance-proof.ts';

/** One place in which two answers differ; null where one of them has nothing there. */
export interface Difference {
  /** `decision`, `notBefore`, `reasons/<code>/<jurisdiction>`, `checked/...`. */
  path: string;
  before: unknown;
  after: unknown;
}

type Answer = Json<Decision>;

/** Where two answers differ, whatever the order in which they name things. */
export function differencesOf(before: Answer, after: Answer): Difference[] {
  return [
    ...single('decision', before.decision, after.decision),
    ...single('notBefore', before.notBefore, after.notBefore),
    ...listed('reasons', before.reasons, after.reasons, ({ code, jurisdiction }) => `${code}/${jurisdiction}`),
    ...listed('checked/lists', before.checked.lists, after.checked.lists, ({ list }) => list),
    ...listed('checked/attempts', before.checked.attempts, after.checked.attempts, ({ jurisdiction, window }) => {
      return `${jurisdiction}/${window}`;
    }),
    ...listed('checked/consents', before.checked.consents, after.checked.consents, (id) => id),
    ...listed('checked/zones', before.checked.zones, after.checked.zones, (zone) => zone),
  ];
}

function single(path: string, before: unknown, after: unknown): Difference[] {
  return canonicalJson(before) === canonicalJson(after) ? [] : [{ path, before, after }];
}

/** Items that only one side has, as often as it has them; those at the same place are shown as one difference. */
function listed<Item>(
  path: string, before: readonly Item[], after: readonly Item[], nameOf: (item: Item) => string,
): Difference[] {
  const gone = without(before, after);
  const added = without(after, before);
  const places = [...new Set([...gone, ...added].map(nameOf))];
  return places.flatMap((place) => {
    const [was, is] = [gone, added].map((items) => items.filter((item) => nameOf(item) === place));
    const rows = Math.max(was?.length ?? 0, is?.length ?? 0);
    return Array.from({ length: rows }, (_, row) => {
      return { path: `${path}/${place}`, before: was?.[row] ?? null, after: is?.[row] ?? null };
    });
  });
}

function without<Item>(items: readonly Item[], others: readonly Item[]): Item[] {
  const left = others.map((other) => canonicalJson(other));
  return items.filter((item) => {
    const index = left.indexOf(canonicalJson(item));
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}
