import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { ImportFailure } from '../../../intake/import/import-failure.ts';
import type { ImportMapping, ImportParameters } from '../../../intake/import/parameters.ts';
import { ROW_REFUSALS } from '../../../intake/import/refusal.ts';
import { readFile } from './reading.ts';

const MAPPING: ImportMapping = { phone: 'Phone', acquiredAt: 'Signed up' };
const AT = '2026-01-01T00:00:00Z';

const one = async (header: string, row: string, mapping: ImportMapping, parameters: ImportParameters = {}) => {
  const { acquisitions, refusals } = await readFile(`${header}\n${row}\n`, { mapping, ...parameters });
  return acquisitions[0] ?? refusals[0];
};
const failureOf = async (content: string | Buffer, parameters: ImportParameters) => {
  const failure = await readFile(content, parameters).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ImportFailure);
  return failure as ImportFailure;
};

describe('a row of a CSV file', () => {
  it('is an acquisition, with everything that its columns are mapped to', async () => {
    const header = 'Phone,Land,Signed up,First,Last,Mail,Street,City,State,Zip,Country,Firm,Ref,Camp,How,Opt-in,Opt-out,Text,Page';
    const row = `030 901820,de,${AT},Ada, Lovelace ,ada@example.com,"Unter den Linden 1",Berlin,BE,10117,de,Example GmbH,4711,spring,fair,2026-01-02T00:00:00Z,2027-01-01T00:00:00Z,2026-03,https://example.com/fair`;
    const mapping: ImportMapping = {
      ...MAPPING, region: 'Land', 'subject.name': ['First', 'Last'], 'subject.email': 'Mail', 'subject.address.street': 'Street', 'subject.address.city': 'City',
      'subject.address.region': 'State', 'subject.address.postalCode': 'Zip', 'subject.address.country': 'Country', 'attributes.company': 'Firm', reference: 'Ref', campaign: 'Camp',
      method: 'How', 'consent.call.marketing.own.obtainedAt': 'Opt-in', 'consent.call.marketing.own.expiresAt': 'Opt-out', 'consent.call.marketing.own.textVersion': 'Text',
      'consent.call.marketing.own.url': 'Page',
    };
    expect(await one(header, row, mapping)).toMatchObject({
      phone: '+4930901820', country: 'DE', acquiredAt: new Date(AT), method: 'fair', campaign: 'spring', reference: '4711',
      subject: {
        name: 'Ada Lovelace', email: 'ada@example.com',
        address: { street: 'Unter den Linden 1', city: 'Berlin', region: 'BE', postalCode: '10117', country: 'DE' },
      },
      attributes: { company: 'Example GmbH' },
      consents: [{
        channel: 'call', purpose: 'marketing.own', obtainedAt: new Date('2026-01-02T00:00:00Z'), expiresAt: new Date('2027-01-01T00:00:00Z'),
        evidence: { textVersion: '2026-03', url: 'https://example.com/fair' },
      }],
    });
  });

  it('takes constants for what it has no column or an empty cell for', async () => {
    const parameters = { acquiredAt: AT, region: 'GB', campaign: 'spring', method: 'fair' };
    const read = await one('Phone,When,Camp', '020 7946 0018,,', { phone: 'Phone', acquiredAt: 'When', campaign: 'Camp' }, parameters);
    expect(read).toMatchObject({ phone: '+442079460018', acquiredAt: new Date(AT), campaign: 'spring', method: 'fair' });
  });

  it('reads a number in its own region before that of the file, and that before that of the source; a plus beats all of them', async () => {
    const mapping: ImportMapping = { ...MAPPING, region: 'R' };
    expect(await one('Phone,Signed up,R', `07911 123456,${AT},GB`, mapping, { region: 'US' })).toMatchObject({ phone: '+447911123456' });
    expect(await one('Phone,Signed up,R', `07911 123456,${AT},`, mapping, { region: 'GB' })).toMatchObject({ phone: '+447911123456' });
    expect(await one('Phone,Signed up,R', `(202) 555-0143,${AT},`, mapping)).toMatchObject({ phone: '+12025550143' });
    expect(await one('Phone,Signed up,R', `+12025550143,${AT},GB`, mapping)).toMatchObject({ phone: '+12025550143', country: 'US' });
  });

  it('brings no consent where it has no time for one', async () => {
    const mapping: ImportMapping = { ...MAPPING, 'consent.sms.marketing.obtainedAt': 'C', 'consent.sms.marketing.url': 'U' };
    expect(await one('Phone,Signed up,C,U', `+12025550143,${AT},,https://example.com`, mapping)).toMatchObject({ consents: [] });
  });

  it('may lack trailing cells that nobody asked for', async () => {
    expect(await one('Phone,Signed up,Note', `+12025550143,${AT}`, MAPPING)).toMatchObject({ phone: '+12025550143' });
  });

  it.each([
    ['no number', `,${AT}`, {}, 'invalid_phone', 'Phone'],
    ['a short number', `+1202555,${AT}`, {}, 'invalid_phone', 'Phone'],
    ['a number in scientific notation', `2.02556E+09,${AT}`, {}, 'invalid_phone', 'Phone'],
    ['two numbers', `+12025550143 / +12025550144,${AT}`, {}, 'invalid_phone', 'Phone'],
    ['no time', '+12025550143,', {}, 'acquired_at_missing', 'Signed up'],
    ['a time that does not exist', '+12025550143,2026-02-30T00:00:00Z', {}, 'invalid_time', 'Signed up'],
    ['a time without offset', '+12025550143,2026-02-03T00:00:00', {}, 'time_without_offset', 'Signed up'],
    ['a time to come', '+12025550143,2026-11-22T12:02:00Z', {}, 'acquired_in_future', 'Signed up'],
    ['a region that is none', `+12025550143,${AT},ZZ`, { region: 'X' }, 'invalid_region', 'X'],
    ['a country that is none', `+12025550143,${AT},Germany`, { 'subject.address.country': 'X' }, 'invalid_region', 'X'],
    ['an address that is none', `+12025550143,${AT},ada at example`, { 'subject.email': 'X' }, 'invalid_email', 'X'],
    ['a name that is a story', `+12025550143,${AT},${'x'.repeat(201)}`, { 'subject.name': 'X' }, 'too_long', 'X'],
    ['a campaign that is an address', `+12025550143,${AT},ada@example.com`, { campaign: 'X' }, 'invalid_label', 'X'],
    ['a consent to come', `+12025550143,${AT},2027-01-01T00:00:00Z`, { 'consent.call.survey.obtainedAt': 'X' }, 'consent_in_future', 'X'],
    ['a NUL', `+12025550143,${AT},a\0b`, {}, 'unstorable_text', 'X'],
    ['more cells than the header', `+12025550143,${AT},x,y`, {}, 'surplus_cells', ''],
    ['fewer cells than are asked for', '+12025550143', {}, 'missing_cells', 'Signed up'],
  ])('is refused for %s', async (_, row, more, code, column) => {
    const refused = await one('Phone,Signed up,X', row, { ...MAPPING, ...more });
    expect(refused).toMatchObject({ row: 2, code, column });
  });

  it.each([
    ['expires before it was given', '2026-01-02T00:00:00Z,2026-01-01T00:00:00Z,,', 'consent_out_of_order', 'E'],
    ['has a version that is a text', '2026-01-02T00:00:00Z,,I agree,', 'invalid_word', 'V'],
    ['points to no page', '2026-01-02T00:00:00Z,,,javascript:alert(1)', 'invalid_url', 'U'],
  ])('is refused for a consent that %s', async (_, cells, code, column) => {
    const consent = { obtainedAt: 'O', expiresAt: 'E', textVersion: 'V', url: 'U' };
    const mapping = Object.fromEntries(Object.entries(consent).map(([field, name]) => [`consent.call.marketing.${field}`, name]));
    expect(await one('Phone,Signed up,O,E,V,U', `+12025550143,${AT},${cells}`, { ...MAPPING, ...mapping })).toMatchObject({ code, column });
  });

  it('is refused once, with everything that is wrong with it, and never with what it says', async () => {
    const refused = await one('Phone,Signed up,Mail', 'canary-phone,canary-time,canary-mail', { ...MAPPING, 'subject.email': 'Mail' });
    expect(refused).toEqual({
      row: 2, code: 'invalid_phone', column: 'Phone',
      detail: 'letters: it contains letters; a number spelled as a word, a name or a remark is not dialled. Also: invalid_time in Signed up, invalid_email in Mail',
    });
  });

  it('is refused for half of a surrogate pair', async () => {
    const content = Buffer.from(`\ufeffPhone,Signed up,Name\n+12025550143,${AT},a\ud800b\n`, 'utf16le');
    expect((await readFile(content, { mapping: MAPPING })).refusals).toMatchObject([{ row: 2, code: 'unstorable_text', column: 'Name' }]);
  });
});

describe('the rows of a file', () => {
  it('are numbered by record, the header being row 1; blank ones are not read', async () => {
    const content = `Phone,Signed up\r\n\r\n+12025550143,${AT}\r\n,\r\n"\r\n",${AT}\r\n , \r\nx,${AT}`;
    const { acquisitions, refusals, rows } = await readFile(content, { mapping: MAPPING });
    expect([acquisitions.length, rows]).toEqual([1, 3]);
    expect(refusals.map(({ row }) => row)).toEqual([5, 7]);
  });

  it('start at once in a file without header, whose columns are counted', async () => {
    const mapping = { phone: 2, acquiredAt: 3, 'subject.name': [1] };
    const { acquisitions, refusals } = await readFile(`Ada,+12025550143,${AT}\nEva,x,${AT}\n`, { mapping, header: 'none' });
    expect(acquisitions).toMatchObject([{ phone: '+12025550143', subject: { name: 'Ada' } }]);
    expect(refusals).toMatchObject([{ row: 2, code: 'invalid_phone', column: '2' }]);
  });

  it('come after the hint that Excel writes, and after blank lines', async () => {
    const { acquisitions, rows } = await readFile(`sep=;\r\n\r\nPhone;Signed up\r\n+12025550143;${AT}\r\n`, { mapping: MAPPING });
    expect([acquisitions.length, rows]).toEqual([1, 1]);
  });

  it('may be none', async () => {
    expect(await readFile('Phone,Signed up\n', { mapping: MAPPING })).toEqual({ acquisitions: [], refusals: [], rows: 0 });
  });
});

describe('a file fails as a whole', () => {
  it.each([
    ['when it is empty', '', { mapping: MAPPING }, 'empty_file'],
    ['when it is blank', '\n,,\n', { mapping: MAPPING }, 'empty_file'],
    ['without a mapping', `Phone,Signed up\n`, {}, 'mapping_missing'],
    ['when nothing says which column is the phone', 'Phone,Signed up\n', { mapping: { acquiredAt: 'Signed up' } }, 'mapping_incomplete'],
    ['when nothing says when', 'Phone,Signed up\n', { mapping: { phone: 'Phone' } }, 'mapping_incomplete'],
    ['when a consent has no time', 'Phone,Signed up,U\n', { mapping: { ...MAPPING, 'consent.call.survey.url': 'U' } }, 'mapping_incomplete'],
    ['when a mapped column is missing', 'Phone,When\n', { mapping: MAPPING }, 'column_missing'],
    ['when a mapped column is there twice', 'Phone,Signed up,Phone\n', { mapping: MAPPING }, 'column_ambiguous'],
    ['when a counted column is beyond the first row', 'a,b\n', { mapping: { phone: 3 }, acquiredAt: AT, header: 'none' }, 'column_missing'],
    ['when its quotes are broken, at whatever row', `Phone,Signed up\n${`+12025550143,${AT}\n`.repeat(9)}"x,${AT}\n`, { mapping: MAPPING }, 'broken_quoting'],
    ['when it is not text', Buffer.from([0x1f, 0x8b, 8]), { mapping: MAPPING }, 'not_text'],
    ['when its encoding is unknown, at whatever row', Buffer.concat([Buffer.from('Phone,Signed up\n'), Buffer.from([0xff])]), { mapping: MAPPING }, 'unknown_encoding'],
  ])('%s', async (_, content, parameters, code) => {
    expect((await failureOf(content, parameters as ImportParameters)).code).toBe(code);
  });

  it('without a word of the first record, which in a file without header is a person', async () => {
    const person = 'Quirina Canary,+12025550143\n';
    const missing = await failureOf(person, { mapping: MAPPING });
    const unmapped = await failureOf(person, {});
    expect(missing.message + unmapped.message).not.toMatch(/Canary|2025550143/);
  });

  it('with a guess where the header allows one', async () => {
    const { message } = await failureOf('Vorname;Nachname;Telefon;E-Mail;Erstellt am\n', {});
    expect(message).toContain('{"phone":"Telefon","subject.email":"E-Mail","acquiredAt":"Erstellt am","subject.name":["Vorname","Nachname"]}');
  });
});

describe('docs/imports.md', () => {
  it('lists every code', () => {
    const page = readFileSync('docs/imports.md', 'utf8');
    for (const code of Object.keys(ROW_REFUSALS)) expect(page).toContain(`\`${code}\``);
  });
});
