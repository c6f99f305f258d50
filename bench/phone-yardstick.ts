import { Metadata, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';
import { normalisePhone } from '../intake/phone/normalise-phone.ts';
import { unwrapPhoneCell } from '../intake/phone/phone-cell.ts';
import type { PhoneRow } from './phone-corpus.ts';

export type Reading = { e164: string; country: string };

/** What the library alone makes of a text: parse the whole of it, check it against /max, format it. */
export function readWithLibrary(text: string, region: CountryCode | undefined): Reading | undefined {
  const phone = parsePhoneNumberFromString(text, { ...region && { defaultCountry: region }, extract: false });
  if (!phone?.isValid()) return undefined;
  return { e164: phone.format('E.164'), country: phone.country ?? `+${phone.countryCallingCode}` };
}

/**
 * What the normaliser has to answer: the library's reading, or else its reading with a plus for the leading 00 of a text
 * that has too many digits for the region.
 */
export function expectedReading({ cell, region }: Partial<PhoneRow> & { cell: string }): Reading | undefined {
  const text = unwrapPhoneCell(cell);
  const reading = readWithLibrary(text, region);
  return reading || !hasZerosForPlus(text, region) ? reading : readWithLibrary(text.replace('00', '+'), undefined);
}

function hasZerosForPlus(text: string, region: CountryCode | undefined): boolean {
  return /^[ (]*00(?!0)/.test(text) && text.replace(/\D/g, '').length > (region ? longestNational(region) + 1 : 0);
}

function longestNational(region: CountryCode): number {
  const metadata = new Metadata();
  metadata.selectNumberingPlan(region);
  return metadata.numberingPlan?.possibleLengths().at(-1) ?? 0;
}

/** How many rows the normaliser reads otherwise than the library (accepted or not, number, country), and how many it accepts. */
export function compareWithLibrary(rows: Iterable<PhoneRow>): { accepted: number; differences: PhoneRow[] } {
  let accepted = 0;
  const differences: PhoneRow[] = [];
  for (const row of rows) {
    const expected = expectedReading(row);
    const result = normalisePhone(row.cell, row.region);
    if (result.ok) accepted++;
    const agree = result.ok ? result.e164 === expected?.e164 && result.country === expected.country : expected === undefined;
    if (!agree) differences.push(row);
  }
  return { accepted, differences };
}
