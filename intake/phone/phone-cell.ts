import type { PhoneRefusal } from './phone-result.ts';

// The library's own limit. Held before any other look at the text, so that a cell of megabytes costs nothing.
const LONGEST_TEXT = 250;
const DIRECTIONAL_MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
const UNUSUAL = /[^ -~]/;
const FOREIGN_DIGITS = /[^\P{Nd}0-9]/gu;

/**
 * What is left of a cell once the wrapping of the tool it came through is gone: blanks around it, directional marks,
 * one leading apostrophe (text in a spreadsheet), `="..."` (a formula that keeps leading zeros), `p:` (lead forms),
 * `tel:` (RFC 3966). Digits of every script become 0-9, blanks and plus signs of every width the plain ones.
 */
export function unwrapPhoneCell(cell: string): string {
  let text = (UNUSUAL.test(cell) ? foldCharacters(cell) : cell).trim();
  if (text.startsWith("'")) text = text.slice(1).trim();
  if (text.startsWith('="') && text.endsWith('"') && text.length > 2) text = text.slice(2, -1).trim();
  return text.replace(/^(?:p|tel):/i, '').trim();
}

function foldCharacters(text: string): string {
  return text
    .replace(DIRECTIONAL_MARKS, '')
    .replace(/\p{Zs}/gu, ' ')
    .replace(/[\uff0b\ufe62]/g, '+')
    .replace(FOREIGN_DIGITS, (digit) => String(valueOfDigit(digit.codePointAt(0) ?? 0)));
}

/** Unicode keeps decimal digits in runs of ten from nought to nine, so a digit's distance from its run's start is its value. */
function valueOfDigit(codePoint: number): number {
  let first = codePoint;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
  return (codePoint - first) % 10;
}

/**
 * Refuses texts of which the library would make a number although none is meant. RFC 3966's `;phone-context=` is among
 * them because the library (1.13) reads it differently from one call to the next.
 */
export function refuseBeforeParsing(text: string): PhoneRefusal | undefined {
  if (text === '') return 'empty';
  if (text.length > LONGEST_TEXT) return 'too_long';
  if (/^[+-]?\d+(?:[.,]\d*)?e[+-]?\d+$/i.test(text)) return 'scientific_notation';
  if (/^\+?\d{7,}\.0$/.test(text)) return 'decimal_number';
  return text.includes(';phone-context=') ? 'not_a_number' : undefined;
}

/** Two stretches that each have the digits of a subscriber number, or a plus sign after the first digit. */
export function looksLikeTwoNumbers(text: string): boolean {
  if (/\d[^+]*\+\D*\d/.test(text)) return true;
  const stretches = text.split(/[^\d ().-]+|(?<=\d{7})[ ]+(?=\d{7})/);
  return stretches.filter((stretch) => stretch.replace(/\D/g, '').length >= 7).length > 1;
}
