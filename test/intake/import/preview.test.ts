import { describe, expect, it } from '@jest/globals';
import { previewImport } from '../../../intake/import/preview.ts';
import type { ImportFormat, ImportParameters } from '../../../intake/import/parameters.ts';

const preview = (content: string | Buffer, parameters: ImportParameters = {}, format: ImportFormat = 'csv', whole = true) =>
  previewImport(Buffer.from(content), whole, format, parameters);

describe('the preview of an import', () => {
  it('says how the file would be read, shows the first rows masked, and proposes a mapping', async () => {
    const rows = Array.from({ length: 9 }, (_, row) => `(202) 555-014${row};"Müller, Eva";eva.${row}@example.com;31.12.2025 23:59;4711`);
    const found = await preview(`Phone number;Full Name;E-Mail;Created At;Points\r\n${rows.join('\r\n')}`);
    expect(found).toEqual({
      encoding: 'utf-8', delimiter: ';', header: 'first', columns: ['Phone number', 'Full Name', 'E-Mail', 'Created At', 'Points'],
      rows: rows.slice(0, 5).map((_, row) => [`(202) ******4${row}`, 'Müller, Eva', 'e***@example.com', '31.12.2025 23:59', '4711']),
      mapping: { phone: 'Phone number', 'subject.name': 'Full Name', 'subject.email': 'E-Mail', acquiredAt: 'Created At' },
    });
  });

  it('looks at the cells where no name says what a column is, and masks digits of every script', async () => {
    const found = await preview('Who,When,Line\nAda,2026-01-01T00:00:00Z,２０２５５５０１４３\nEva,2026-01-02T00:00:00Z,2025550144\n', { region: 'US' });
    expect(found.mapping).toEqual({ phone: 'Line', acquiredAt: 'When' });
    expect(found.rows.map((cells) => cells[2])).toEqual(['20255***43', '20255***44']);
  });

  it('recognises a file without header by the number in its first record, and counts its columns', async () => {
    const found = await preview('Ada,+12025550143,ada@example.com,2026-01-01T00:00:00Z\nEva,+12025550144,eva@example.com,2026-01-02T00:00:00Z\n');
    expect(found).toMatchObject({
      header: 'none', columns: ['1', '2', '3', '4'], mapping: { phone: 2, 'subject.email': 3, acquiredAt: 4 },
      rows: [['Ada', '+1202*****43', 'a***@example.com', '2026-01-01T00:00:00Z'], ['Eva', '+1202*****44', 'e***@example.com', '2026-01-02T00:00:00Z']],
    });
    expect(await preview('Ada,+12025550143\n', { header: 'first' })).toMatchObject({ header: 'first', columns: ['Ada', '+1202*****43'], rows: [] });
  });

  it('shows the fields of NDJSON, of whatever shape', async () => {
    const body = { phone: '+12025550143', acquiredAt: '2026-01-01T00:00:00Z', subject: { name: 'Ada', email: 'ada@example.com' } };
    expect(await preview(`${JSON.stringify(body)}\nnot json\n`, {}, 'ndjson')).toEqual({
      encoding: 'utf-8', delimiter: null, header: 'first', columns: ['phone', 'acquiredAt', 'subject'], mapping: {},
      rows: [['+1202*****43', '2026-01-01T00:00:00Z', '{"name":"Ada","email":"a***@example.com"}']],
    });
    expect(await preview('{"Telefon":"030 901820","Erstellt am":"x"}', {}, 'ndjson')).toMatchObject({ mapping: { phone: 'Telefon', acquiredAt: 'Erstellt am' } });
  });

  it('survives a field that is nested half a million deep', async () => {
    const deep = `{"x":${'['.repeat(500_000)}${']'.repeat(500_000)}}`;
    expect(await preview(deep, {}, 'ndjson')).toMatchObject({ columns: ['x'], rows: [['...']] });
  });

  it.each([['utf8', ''], ['utf16le', '\ufeff']] as const)('is content with a beginning that is cut off anywhere: %s', async (encoding, mark) => {
    const whole = Buffer.from(`${mark}Phone,Name\n+12025550143,Zoë\n+12025550144,"Zo\në"\n`, encoding);
    for (let length = Buffer.byteLength(`${mark}Phone,Name\n+1202555014`, encoding); length < whole.length; length += 1) {
      const found = await preview(whole.subarray(0, length), {}, 'csv', false);
      expect(found).toMatchObject({ delimiter: ',', columns: ['Phone', 'Name'] });
    }
  });

  it.each([['', 'empty_file'], ['\n\n', 'empty_file'], ['\x1f\x8b\x08', 'not_text'], ['a,b\n"c,d\n', 'broken_quoting']])('fails as the import would: %j', async (content, code) => {
    await expect(preview(Buffer.from(content, 'latin1'))).rejects.toMatchObject({ name: 'ImportFailure', code });
  });
});
