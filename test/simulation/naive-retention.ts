/** What happens in a life, and when. */
export type LifeFact =
  | { what: 'acquired' | 'asked' | 'contacted' | 'requested' | 'withdrawn' | 'opted_out'; at: Date }
  | { what: 'forget' | 'held' | 'released'; at: Date }
  | { what: 'consented'; at: Date; until: Date | null }
  | { what: 'retrieved'; at: Date; days: number };

export interface Life {
  country: Country;
  phone: string;
  /** In the order in which it happens; the first is an acquisition. */
  facts: LifeFact[];
}

export type Country = 'US' | 'DE' | 'GB' | 'CN';

/** What becomes of a lead, and at which moment it is due. */
export interface Expected {
  what: 'archived' | 'back' | 'disposed';
  at: Date;
}

const DAY = 86_400_000;
/** How long the product may take; what falls into that time would make it unclear which came first. */
const LATE = 26 * 3_600_000;

/** Months for which evidence is kept, by what it is of; written down once more by hand. */
const LAW: Record<Country, Partial<Record<'consent' | 'use' | 'asked' | 'contacted' | 'requested', number>>> = {
  US: { consent: 60, use: 60, asked: 60, contacted: 60, requested: 60 },
  DE: { consent: 60, use: 60 },
  GB: {},
  CN: { consent: 36, use: 36, asked: 36, contacted: 36, requested: 36 },
};
/** Where nobody may be called or texted without a consent. */
const ASKS_CONSENT: readonly Country[] = ['DE', 'CN'];
/** Where a withdrawal from calls is one from messages as well. */
const REACHES_ALL: readonly Country[] = ['US'];

/** Where a lead is, which is all that is carried along while a life is walked. */
interface Whereabouts {
  away: boolean;
  backAt: Date | null;
  /** When it goes to the archive again, while somebody has it back for some days. */
  stayUntil: Date | null;
  /** Whether it was acquired or consented to since it was archived. */
  wanted: boolean;
}

/**
 * What becomes of a life until a day, told by walking along it and looking back at every fact anew: nothing is carried along
 * but whether the lead is in the archive, or back for some days. Facts that would happen just when an end is due are left out,
 * and retrievals of what is not in the archive: it answers those that count.
 */
export function foretell({ country, facts }: Life, end: Date): { expected: Expected[]; counted: LifeFact[] } {
  const [counted, expected]: [LifeFact[], Expected[]] = [[], []];
  const is: Whereabouts = { away: false, backAt: null, stayUntil: null, wanted: false };
  for (let nth = 0; nth <= facts.length; nth += 1) {
    const next = facts[nth];
    const until = next?.at ?? end;
    let from = counted.at(-1)?.at ?? until;
    for (;;) {
      const due: Expected | null = counted.length === 0 ? null : nextEnd(country, counted, is, from);
      if (!due || due.at > until) break;
      expected.push(due);
      if (due.what === 'disposed') return { expected, counted };
      [is.away, is.stayUntil, is.wanted, from] = [true, null, false, due.at];
    }
    if (!next || next.at > end) break;
    const last = expected.at(-1);
    const soon = counted.length === 0 ? null : nextEnd(country, counted, is, from);
    if ([last, soon].some((near) => near && Math.abs(next.at.getTime() - near.at.getTime()) < LATE)) continue;
    if (next.what === 'retrieved' && !is.away) continue;
    counted.push(next);
    if (isWish(next)) is.wanted = true;
    if (next.what === 'retrieved') is.stayUntil = new Date(next.at.getTime() + next.days * DAY);
    const isOver = nextEnd(country, counted, is, next.at)?.at.getTime() === next.at.getTime();
    if (is.away && !isOver && (next.what === 'retrieved' || stirs(country, counted, next))) {
      [is.away, is.backAt] = [false, next.at];
      expected.push({ what: 'back', at: next.at });
    } else if (is.away && !isOver && is.wanted) {
      // It follows the rest into the archive.
      is.wanted = false;
      expected.push({ what: 'archived', at: next.at });
    }
  }
  return { expected, counted };
}

/** Whether a fact brings a lead back from the archive. */
function stirs(country: Country, so: readonly LifeFact[], fact: LifeFact): boolean {
  return isWish(fact) && !so.some(({ what }) => what === 'forget') && useEnds(country, so, fact.at).getTime() > fact.at.getTime();
}

function isWish({ what }: LifeFact): boolean {
  return what === 'acquired' || what === 'consented';
}

function nextEnd(country: Country, so: readonly LifeFact[], is: Whereabouts, from: Date): Expected | null {
  const held = isHeld(so);
  const gone = atLeast(from, latestOf([...lawEnds(country, so), ...wishEnds(so, from), ...when(so, 'forget')]));
  const archived = is.away ? null : atLeast(from, leaves(country, so, is, from));
  if (!held && (archived === null || gone <= archived)) return { what: 'disposed', at: gone };
  return archived === null ? null : { what: 'archived', at: archived };
}

/** Whoever was retrieved stays until then; who was acquired or consented to since, for as long as there is a use besides. */
function leaves(country: Country, so: readonly LifeFact[], { stayUntil, wanted, backAt }: Whereabouts, from: Date): Date {
  if (stayUntil && !wanted) return stayUntil;
  const ends = archiveMoment(country, so, backAt, from);
  return stayUntil ? latestOf([stayUntil, ends]) : ends;
}

function archiveMoment(country: Country, so: readonly LifeFact[], backAt: Date | null, from: Date): Date {
  const suppressed = suppressedSince(country, so, from);
  const since = suppressed && backAt && backAt > suppressed ? backAt : suppressed;
  const ends = useEnds(country, so, from);
  return since && since.getTime() + 30 * DAY < ends.getTime() ? new Date(since.getTime() + 30 * DAY) : ends;
}

/** Until when the company has a use for the lead: quiet for a year, or only evidence is left. */
function useEnds(country: Country, so: readonly LifeFact[], from: Date): Date {
  const [forgotten] = when(so, 'forget');
  if (forgotten) return forgotten;
  const quiet = monthsLater(lastOf(so, ['acquired', 'consented', 'contacted', 'withdrawn']), 12);
  const wish = latestOf(wishEnds(so, from));
  const onlyEvidence = isHeld(so) || lawEnds(country, so).some((end) => end > wish);
  return onlyEvidence && wish < quiet ? wish : quiet;
}

function lawEnds(country: Country, so: readonly LifeFact[]): Date[] {
  const months = LAW[country];
  const keep = (period: number | undefined, from: readonly Date[]) => {
    return period === undefined ? [] : from.map((at) => monthsLater(at, period));
  };
  const contacts = when(so, 'contacted');
  return [
    ...keep(months.consent, [...when(so, 'consented'), ...when(so, 'withdrawn')]),
    ...keep(months.use, when(so, 'consented').length > 0 ? [...contacts, ...when(so, 'asked')] : []),
    ...keep(months.asked, when(so, 'asked')),
    ...keep(months.contacted, contacts),
    ...keep(months.requested, when(so, 'requested')),
  ];
}

function wishEnds(so: readonly LifeFact[], from: Date): Date[] {
  if (so.some(({ what }) => what === 'forget')) return [];
  const contacted = when(so, 'contacted').map((at) => monthsLater(at, 24));
  const stands = consents(so).some(({ endedBy, until }) => !endedBy && (!until || until > from));
  const lapses = consents(so).flatMap(({ endedBy, until }) => (until && !endedBy && (stands || until <= from) ? [until] : []));
  const endless = consents(so).some(({ endedBy, until }) => !endedBy && !until);
  const silent = endless ? [monthsLater(lastOf(so, ['acquired', 'consented', 'contacted', 'withdrawn']), 12)] : [];
  return [...contacted, monthsLater(latestOf([...when(so, 'acquired'), ...lapses, ...silent]), 6)];
}

/** Every consent, with the first withdrawal while it ran. */
function consents(so: readonly LifeFact[]): { at: Date; until: Date | null; endedBy: Date | undefined }[] {
  return so.flatMap((fact) => {
    if (fact.what !== 'consented') return [];
    const endedBy = when(so, 'withdrawn').find((at) => at >= fact.at && (!fact.until || at < fact.until));
    return [{ at: fact.at, until: fact.until, endedBy }];
  });
}

/** Since when without a break, or from when, only somebody outside can make the person contactable. */
function suppressedSince(country: Country, so: readonly LifeFact[], from: Date): Date | null {
  const turns = [...so.map(({ at }) => at), ...consents(so).flatMap(({ until }) => until ?? [])];
  turns.sort((a, b) => a.getTime() - b.getTime());
  let since: Date | null = null;
  for (const turn of turns) {
    if (turn > from && since) return since;
    since = isSuppressed(country, so.filter(({ at }) => at <= turn), turn) ? since ?? turn : null;
  }
  return since;
}

function isSuppressed(country: Country, so: readonly LifeFact[], at: Date): boolean {
  if (when(so, 'opted_out').length > 0) return true;
  const withdrawn = when(so, 'withdrawn').at(-1);
  const regained = withdrawn && when(so, 'consented').some((given) => given > withdrawn);
  if (REACHES_ALL.includes(country)) return withdrawn !== undefined && !regained;
  const all = consents(so);
  if (!ASKS_CONSENT.includes(country) || (all.length === 0 && !withdrawn)) return false;
  return !all.some(({ endedBy, until }) => !endedBy && (!until || until > at));
}

/** Whether somebody who has said no, and not yes again, was the last to speak: whoever forgets the person has to know that. */
export function hasRefused(so: readonly LifeFact[]): boolean {
  const withdrawn = when(so, 'withdrawn').at(-1);
  const regained = withdrawn && when(so, 'consented').some((given) => given > withdrawn);
  return when(so, 'opted_out').length > 0 || (withdrawn !== undefined && !regained);
}

function isHeld(so: readonly LifeFact[]): boolean {
  return when(so, 'held').length > when(so, 'released').length;
}

function when(so: readonly LifeFact[], what: LifeFact['what']): Date[] {
  return so.filter((fact) => fact.what === what).map(({ at }) => at);
}

function lastOf(so: readonly LifeFact[], kinds: readonly LifeFact['what'][]): Date {
  return latestOf(so.filter(({ what }) => kinds.includes(what)).map(({ at }) => at));
}

function latestOf(all: readonly Date[]): Date {
  return new Date(Math.max(...all.map((at) => at.getTime())));
}

function atLeast(from: Date, at: Date): Date {
  return at > from ? at : from;
}

/** The same day and time so many months on, or the last day of that month, by counting days of months on one's fingers. */
function monthsLater(at: Date, months: number): Date {
  const [date = '', time = ''] = at.toISOString().split('T');
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const index = year * 12 + (month - 1) + months;
  const [toYear, toMonth] = [Math.floor(index / 12), (index % 12) + 1];
  const isLeap = (toYear % 4 === 0 && toYear % 100 !== 0) || toYear % 400 === 0;
  const most = toMonth === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(toMonth) ? 30 : 31;
  const two = (value: number) => String(value).padStart(2, '0');
  return new Date(`${toYear}-${two(toMonth)}-${two(Math.min(day, most))}T${time}`);
}
