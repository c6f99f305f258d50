/** A proof fits into an e-mail, a form and a QR code or two, however long the case was. */
export const MOST_BYTES = 10_000;

/** Lists of a proof that may be cut, the most dispensable first, and to how many items step by step. */
type Limits<Name extends string> = readonly (readonly [section: Name, most: number])[];

/** The lists as far as they fit, and how many items of each were left out. */
export interface Fitted<Lists> {
  lists: Lists;
  omitted: { [Name in keyof Lists]?: number };
}

/** Cuts lists one step after the other until the whole is small enough. What is first in a list stays longest. */
export function fitted<Lists extends { [Name in keyof Lists]: readonly unknown[] }>(
  lists: Lists, limits: Limits<keyof Lists & string>, fits: (fitted: Fitted<Lists>) => boolean,
): Fitted<Lists> {
  let now: Fitted<Lists> = { lists, omitted: {} };
  for (const [section, most] of limits) {
    if (fits(now)) break;
    const left = lists[section].length - most;
    if (left <= 0) continue;
    now = { lists: { ...now.lists, [section]: lists[section].slice(0, most) }, omitted: { ...now.omitted, [section]: left } };
  }
  return now;
}
