/** A name that is kept in clear and shown in lists, so it takes no addresses and no free text. */
export const LABEL = /^[\p{L}\p{N}][\p{L}\p{N} _.:/-]{0,63}$/u;

/** A version or a way of doing something, as evidence names it. */
export const WORD = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/** An address that mail could be sent to; whether anybody reads it there is for a confirmation to show. */
export const EMAIL = /^[^\s@"]{1,64}@[^\s@]{1,255}$/u;
export const LONGEST_EMAIL = 254;

/** How far a sender's clock may be ahead of ours: what happened a little later than now is taken for now. */
export const CLOCK_SKEW_MS = 60_000;

/** Whether PostgreSQL and JSON can hold a text: no NUL, no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
