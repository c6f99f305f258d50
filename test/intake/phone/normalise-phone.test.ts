import { describe, expect, it } from '@jest/globals';
import { normalisePhone, type PhoneRefusal } from '../../../intake/phone/normalise-phone.ts';

type Reading = [sentence: string, cell: string, region: string | undefined, e164: string, country: string];
type Refusal = [sentence: string, cell: string, region: string | undefined, code: PhoneRefusal];

const readings: Reading[] = [
  ['E.164 needs no region', '+12025550143', undefined, '+12025550143', 'US'],
  ['a plus beats the region', '+8613800138000', 'US', '+8613800138000', 'CN'],
  ['a plus beats even a region that does not exist', '+12025550143', 'USA', '+12025550143', 'US'],
  ['a full-width plus is a plus', '\uff0b44 7911 123456', 'US', '+447911123456', 'GG'],
  ['brackets and dashes are punctuation', '(202) 555-0143', 'US', '+12025550143', 'US'],
  ['dots are punctuation', '202.555.0143', 'US', '+12025550143', 'US'],
  ['no-break blanks are blanks', '202\u00a0555\u00a00143', 'US', '+12025550143', 'US'],
  ['narrow no-break blanks are blanks', '06\u202f12\u202f34\u202f56\u202f78', 'FR', '+33612345678', 'FR'],
  ['typographic dashes are dashes', '202\u2011555\u20130143', 'US', '+12025550143', 'US'],
  ['a region may be written in lower case', '2025550143', 'us', '+12025550143', 'US'],
  ['the North American long-distance 1 is dropped', '1-202-555-0143', 'US', '+12025550143', 'US'],
  ['a British trunk 0 is dropped', '020 7946 0018', 'GB', '+442079460018', 'GB'],
  ['a bracketed trunk 0 is dropped', '+44 (0)20 7946 0018', undefined, '+442079460018', 'GB'],
  ['a Russian trunk 8 is dropped', '8 (495) 123-45-67', 'RU', '+74951234567', 'RU'],
  ['a Chinese mobile is grouped 3-4-4', '138 0013 8000', 'CN', '+8613800138000', 'CN'],
  ['a slash may follow a German area code', '0171/2345678', 'DE', '+491712345678', 'DE'],
  ['a forgotten plus is put back', '447911123456', 'GB', '+447911123456', 'GG'],
  ['00 is an international prefix', '0044 20 7946 0018', 'CN', '+442079460018', 'GB'],
  ['00 works where the region has another prefix', '0044 20 7946 0018', 'US', '+442079460018', 'GB'],
  ['00 works without a region', '0044 20 7946 0018', undefined, '+442079460018', 'GB'],
  ['011 is the international prefix of the United States', '011 44 20 7946 0018', 'US', '+442079460018', 'GB'],
  ['full-width digits are digits', fullWidth('13800138000'), 'CN', '+8613800138000', 'CN'],
  ['Arabic digits are digits', '\u0660\u0665\u0660 \u0661\u0662\u0663 \u0664\u0665\u0666\u0667', 'AE', '+971501234567', 'AE'],
  ['Devanagari digits are digits', '\u0966\u096f\u096e10012345', 'IN', '+919810012345', 'IN'],
  ['blanks around it are nothing', '\t +12025550143 \r\n', undefined, '+12025550143', 'US'],
  ['an apostrophe says that it is text', "'+12025550143", undefined, '+12025550143', 'US'],
  ['a formula keeps its leading zero', '="02079460018"', 'GB', '+442079460018', 'GB'],
  ['lead forms write p: before it', 'p:+12025550143', 'DE', '+12025550143', 'US'],
  ['a link writes tel: before it', 'TEL:+1-202-555-0143', undefined, '+12025550143', 'US'],
  ['address books put directional marks around it', '\u202a+1 202 555 0143\u202c', undefined, '+12025550143', 'US'],
  ['an extension is dropped', '(202) 555-0143 ext. 12', 'US', '+12025550143', 'US'],
  ['an extension after x is dropped', '202-555-0143x1234', 'US', '+12025550143', 'US'],
  ['an extension by RFC 3966 is dropped', 'tel:+1-202-555-0143;ext=12', undefined, '+12025550143', 'US'],
  ['an extension after a comma is dropped', '2025550143,12', 'US', '+12025550143', 'US'],
  ['Canada shares a calling code', '+14165550143', 'US', '+14165550143', 'CA'],
  ['Guernsey shares a calling code', '01481 960194', 'GB', '+441481960194', 'GG'],
  ['Kazakhstan shares a calling code', '+77012345678', 'RU', '+77012345678', 'KZ'],
  ['a number of no country carries its calling code', '+80012345678', undefined, '+80012345678', '+800'],
];

const refusals: Refusal[] = [
  ['an empty cell', '', 'US', 'empty'],
  ['a blank cell', ' \u00a0 ', 'US', 'empty'],
  ['an empty formula', '=""', 'US', 'empty'],
  ['a dash for nothing', '-', 'US', 'not_a_number'],
  ['a word for nothing', 'n/a', 'US', 'letters'],
  ['a vanity number', '1-800-FLOWERS', 'US', 'letters'],
  ['a number with a remark', '202-555-0143 (home)', 'US', 'letters'],
  ['a number in a sentence', 'Call 202-555-0143', 'US', 'letters'],
  ['scientific notation', '2.02556E+09', 'US', 'scientific_notation'],
  ['scientific notation with a comma', '1,20256e+10', 'US', 'scientific_notation'],
  ['a decimal number', '4930123456.0', 'DE', 'decimal_number'],
  ['two numbers with a slash', '+12025550143 / +12025550144', undefined, 'two_numbers'],
  ['two numbers with a semicolon', '2025550143;2025550144', 'US', 'two_numbers'],
  ['two numbers with a comma', '2025550143, 2025550144', 'US', 'two_numbers'],
  ['a second number without its area code', '2025550143, 5550144', 'US', 'two_numbers'],
  ['two numbers on two lines', '2025550143\n2025550144', 'US', 'two_numbers'],
  ['two numbers with a word', '2025550143 or 2025550144', 'US', 'two_numbers'],
  ['two numbers with a blank', '2025550143 2025550144', 'US', 'two_numbers'],
  ['two endings of a number of variable length', '+49 30 12345/12346', undefined, 'two_numbers'],
  ['a number in a context of its own', 'tel:7042;phone-context=+1202555', 'US', 'not_a_number'],
  ['a national number without a region', '2025550143', undefined, 'region_missing'],
  ['a national number with an empty region', '2025550143', '', 'region_missing'],
  ['a national number with a region that is no ISO code', '020 7946 0018', 'UK', 'unknown_region'],
  ['a region beyond ASCII', '2025550143', '\u00df', 'unknown_region'],
  ['a calling code that is not in use', '+99912345678', undefined, 'unknown_calling_code'],
  ['a plus before zeros', '+0012025550143', undefined, 'unknown_calling_code'],
  ['too few digits', '202555', 'US', 'too_short'],
  ['two digits', '12', 'US', 'too_short'],
  ['too many digits', '202555014399', 'US', 'too_long'],
  ['a megabyte of digits', '1'.repeat(1_000_000), 'US', 'too_long'],
  ['an area code that is not in use', '5555550143', 'US', 'invalid_number'],
  ['a mistyped area code is no international prefix', '(004) 988-4455', 'US', 'invalid_number'],
  ['a number that only the smaller metadata take for valid', '+8612345678901', undefined, 'invalid_number'],
  ['NUL in a number', '202\u0000555 0143', 'US', 'not_a_number'],
];

function fullWidth(digits: string): string {
  return digits.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)));
}

describe('normalisePhone', () => {
  it.each(readings)('reads: %s', (_sentence, cell, region, e164, country) => {
    expect(normalisePhone(cell, region)).toEqual({ ok: true, e164, country });
  });

  it.each(refusals)('refuses: %s', (_sentence, cell, region, code) => {
    expect(normalisePhone(cell, region)).toEqual({ ok: false, code });
  });

  it('says the same of the same cell every time', () => {
    const answers = Array.from({ length: 4 }, () => normalisePhone('tel:7042;phone-context=+1202555'));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });
});
