/** A list of the sample, with the files that its registry would have given out: all of it, and what has changed since. */
export interface SampleList {
  list: { id: string; jurisdiction: string; name: string; effect: string };
  releases: { kind: 'full' | 'change'; format: string; op?: string; asOf: string; file: string }[];
}

const DAY_MS = 86_400_000;
/** As many as regulators keep free for films and books after each of these. */
const AMERICAN_ENDS = 100;
const BRITISH_ENDS = 250;

/** Two lists that some of the sample leads are on, as of the two days before `today`. The same day gives the same files. */
export function sampleLists(today: Date): SampleList[] {
  const midnight = Math.floor(today.getTime() / DAY_MS) * DAY_MS;
  const [full, change] = [2, 1].map((days) => new Date(midnight - days * DAY_MS).toISOString()) as [string, string];
  return [federal(full, change), britain(full, change)];
}

function federal(full: string, change: string): SampleList {
  const numbers = ['202', '212', '312'].flatMap((area) => ends(AMERICAN_ENDS, 2).map((end) => `${area},55501${end}`));
  const changes = [...ends(AMERICAN_ENDS, 2).map((end) => `617,55501${end},A`), '212,5550113,D', '212,5550125,D'];
  return {
    list: { id: 'us-federal', jurisdiction: 'US', name: 'National Do Not Call Registry', effect: 'block_unless_consent' },
    releases: [
      { kind: 'full', format: 'ftc_full', asOf: full, file: numbers.join('\n') },
      { kind: 'change', format: 'ftc_change_csv', asOf: change, file: changes.join('\n') },
    ],
  };
}

function britain(full: string, change: string): SampleList {
  return {
    list: { id: 'gb-tps', jurisdiction: 'GB', name: 'Telephone Preference Service', effect: 'block_unless_consent' },
    releases: [
      { kind: 'full', format: 'tps_fixed', asOf: full, file: ends(BRITISH_ENDS, 3).map((end) => `02079460${end}`).join('\r\n') },
      { kind: 'change', format: 'lines', op: 'add', asOf: change, file: ends(AMERICAN_ENDS, 3).map((end) => `01134960${end}`).join('\n') },
    ],
  };
}

function ends(count: number, digits: number): string[] {
  return Array.from({ length: count }, (_, n) => String(n).padStart(digits, '0'));
}
