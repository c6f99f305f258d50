import { unwrapPhoneCell } from '../intake/phone/phone-cell.ts';
import { normalisePhone } from '../intake/phone/normalise-phone.ts';
import type { Comparison, Figure, Race } from './harness.ts';
import { leadList, worldNumbers, type PhoneRow } from './phone-corpus.ts';
import { compareWithLibrary, readWithLibrary } from './phone-yardstick.ts';

const SEED = 20261101;
const RACED_ROWS = 200_000;
const COMPARED_ROWS = 1_000_000;

/**
 * The normaliser, which unwraps raw cells, against the library alone on texts unwrapped beforehand; and both on a million
 * lines of a lead list and a million numbers of all countries, on which they must never differ.
 */
export const p1 = {
  id: 'P1',
  title: 'phone normaliser against libphonenumber-js/max parse + isValid + E.164',
  ratio: 'speed',
  target: { atLeast: 5 },
  stretch: { atLeast: 8 },
  prepare,
} satisfies Comparison;

async function prepare(): Promise<Race> {
  const raw = [...leadList(RACED_ROWS, SEED)];
  const unwrapped = raw.map(({ cell, region }): PhoneRow => ({ cell: unwrapPhoneCell(cell), region }));
  return {
    subject: () => acceptAll(raw, (cell, region) => normalisePhone(cell, region).ok),
    yardstick: () => acceptAll(unwrapped, (text, region) => readWithLibrary(text, region) !== undefined),
    checks: () => [
      ...compare('lead list', leadList(COMPARED_ROWS, SEED)),
      ...compare('world', worldNumbers(COMPARED_ROWS, SEED)),
    ],
  };
}

/** Counts what is accepted, so that no compiler can leave the work out. */
function acceptAll(rows: readonly PhoneRow[], accepts: (cell: string, region: PhoneRow['region']) => boolean): void {
  let accepted = 0;
  for (const { cell, region } of rows) if (accepts(cell, region)) accepted++;
  if (accepted === 0) throw new Error('not one of the rows was accepted');
}

function compare(name: string, rows: Iterable<PhoneRow>): Figure[] {
  const { accepted, differences } = compareWithLibrary(rows);
  return [
    { name: `${name}: differences`, value: differences.length, target: { atMost: 0 } },
    { name: `${name}: accepted`, value: (100 * accepted) / COMPARED_ROWS, unit: '%' },
  ];
}
