const SHOWN_HEAD = 5;
const SHOWN_TAIL = 2;
const FEWEST_HIDDEN = 3;

/**
 * The masked form of an E.164 number: its first five characters and last two (`+1202*****43`). Of a very short number
 * less of the beginning is shown, so that three digits always stay hidden.
 */
export function maskPhone(e164: string): string {
  const head = Math.max(0, Math.min(SHOWN_HEAD, e164.length - SHOWN_TAIL - FEWEST_HIDDEN));
  const hidden = Math.max(0, e164.length - head - SHOWN_TAIL);
  return e164.slice(0, head) + '*'.repeat(hidden) + e164.slice(head + hidden);
}
