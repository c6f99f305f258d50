import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { CsvSlicer, SlicingError } from '../../../intake/import/csv-slicer.ts';

/** Slices a text that arrives in chunks of the given lengths, repeated as often as needed. */
function slice(text: string, delimiter = ',', chunkLengths: readonly number[] = [text.length + 1]): string[][] {
  const slicer = new CsvSlicer(delimiter);
  const records: string[][] = [];
  for (let at = 0, turn = 0; at < text.length; turn += 1) {
    const length = chunkLengths[turn % chunkLengths.length] ?? 1;
    records.push(...slicer.push(text.slice(at, at + length)));
    at += length;
  }
  return [...records, ...slicer.end()];
}

function outcome(read: () => string[][]): string[][] | 'broken' {
  try {
    return read();
  } catch {
    return 'broken';
  }
}

const cell = fc.string({ unit: fc.constantFrom('a', 'é', '漢', '😀', ',', ';', '"', '\n', '\r', ' ', '='), maxLength: 6 });
const chunkLengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

describe('the CSV slicer', () => {
  it('reads back whatever was written, however it is cut into chunks', () => {
    const record = fc.array(cell, { minLength: 1, maxLength: 5 });
    const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), lineEnd, fc.constantFrom(',', ';', '\t', '|'), chunkLengths, (records, end, delimiter, lengths) => {
        const quoted = records.map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(delimiter) + end);
        expect(slice(quoted.join(''), delimiter, lengths)).toEqual(records);
      }),
      { numRuns: 2000 },
    );
  });

  it('agrees with csv-parse on any text of one kind of line end, in what it reads and in what it cannot', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '"', '\n', 'bc', ' '), maxLength: 30 });
    fc.assert(
      fc.property(text, chunkLengths, fc.boolean(), (lines, lengths, windows) => {
        const file = windows ? lines.replaceAll('\n', '\r\n') : lines;
        const options = { relax_column_count: true, record_delimiter: windows ? '\r\n' : '\n', skip_empty_lines: false } as const;
        const expected = outcome(() => parse(file, options));
        expect(outcome(() => slice(file, ',', lengths))).toEqual(expected);
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    ['quotes a cell with the delimiter, a line end and a quote in it', 'a,"b,\r\n""c"""\r\nd,e', [['a', 'b,\r\n"c"'], ['d', 'e']]],
    ['keeps empty cells at both ends', ',a,\n', [['', 'a', '']]],
    ['counts a blank line as a record', 'a\n\nb', [['a'], [''], ['b']]],
    ['needs no line end at the end', 'a,b', [['a', 'b']]],
    ['takes every kind of line end, also mixed', 'a\nb\r\nc\rd', [['a'], ['b'], ['c'], ['d']]],
    ['makes no record of nothing', '', []],
    ['reads an empty quoted cell as empty', '"",""\n', [['', '']]],
  ])('%s', (_, text, records) => {
    expect(slice(text)).toEqual(records);
    expect(slice(text, ',', [1])).toEqual(records);
  });

  it.each([
    ['a quote that is never closed', 'a,b\n"c,d\n', 2],
    ['text after a closing quote', 'a,b\nc,d\n"e"f,g', 3],
    ['a quote inside of a cell that has none around it', 'a"b,c', 1],
    ['a blank before an opening quote', 'a, "b"', 1],
  ])('refuses %s, and says in which record', (_, text, record) => {
    for (const lengths of [[100], [1], [3]]) {
      expect(() => slice(text, ',', lengths)).toThrow(new SlicingError('broken_quoting', record));
    }
  });

  it('survives ten thousand columns and fields of a megabyte', () => {
    const wide = Array.from({ length: 10_000 }, (_, index) => `column ${index}`);
    const long = 'x'.repeat(1_000_000);
    const text = `${wide.join(',')}\n"${long}","${long}\n${long}"\nend`;
    expect(slice(text, ',', [65_536])).toEqual([wide, [long, `${long}\n${long}`], ['end']]);
  });

  it('gives up on a record that does not end', () => {
    const slicer = new CsvSlicer(',');
    const push = () => {
      for (let pushed = 0; pushed < 40; pushed += 1) slicer.push(pushed === 0 ? '"' : 'x'.repeat(1_000_000));
    };
    expect(push).toThrow(new SlicingError('record_too_long', 1));
  });
});
