const PLACES = { YYYY: '(?<YYYY>20\\d\\d)', MM: '(?<MM>\\d\\d)', DD: '(?<DD>\\d\\d)', hh: '(?<hh>\\d\\d)', mm: '(?<mm>\\d\\d)' };
const PIECE = /\{(\w+)\}|(\*)|([A-Za-z0-9._-]+)/gy;
const MOST_STARS = 3;

/**
 * A pattern for names of files, such as `tps-{YYYY}{MM}{DD}.*`: letters, digits and . _ - stand for themselves, `*` for
 * anything, and the date, where the name has one, for the moment (UTC) as of which the file is. Null for what is none.
 */
export function readNamePattern(pattern: string): RegExp | null {
  const pieces = [...pattern.matchAll(PIECE)];
  if (pieces.length === 0 || pieces.map(([piece]) => piece).join('') !== pattern) return null;
  const places = pieces.flatMap(([, place]) => (place === undefined ? [] : [place]));
  const stars = pieces.filter(([, , star]) => star !== undefined).length;
  if (stars > MOST_STARS || !isDate(places)) return null;
  const written = pieces.map(([, place, star, text = '']) => {
    if (place !== undefined) return placeOf(place);
    return star === undefined ? text.replaceAll('.', '\\.') : '[^/]*';
  });
  return new RegExp(`^${written.join('')}$`);
}

/**
 * As of when a file of that name is: null where the name has no date, undefined where it does not fit the pattern, and
 * `no_day` where its date is none, as a 31st of February.
 */
export function momentOfName(pattern: RegExp, name: string): Date | null | 'no_day' | undefined {
  const found = pattern.exec(name);
  if (!found) return undefined;
  const { YYYY, MM, DD, hh = '00', mm = '00' } = found.groups ?? {};
  if (YYYY === undefined) return null;
  const text = `${YYYY}-${MM}-${DD}T${hh}:${mm}:00.000Z`;
  const moment = new Date(text);
  // A 31st of February is not the 3rd of March.
  return !Number.isNaN(moment.getTime()) && moment.toISOString() === text ? moment : 'no_day';
}

/** A whole day, perhaps with a time, each part once; or nothing at all. */
function isDate(places: readonly string[]): boolean {
  const given = [...places].sort().join();
  return ['', 'DD,MM,YYYY', 'DD,MM,YYYY,hh,mm'].includes(given);
}

function placeOf(name: string): string {
  return Object.entries(PLACES).find(([each]) => each === name)?.[1] ?? '';
}
