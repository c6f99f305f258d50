import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFormat } from '../../dnc/list-format.ts';
import { createListParser, type ListParserOptions, type ParseReport } from '../../dnc/parsing/list-parser.ts';
import { LONGEST_LINE } from '../../dnc/parsing/line-cutter.ts';

const AMERICAN = { country: 'US' };

interface Parsed extends ParseReport {
  /** What the sink was told, in order: numbers, those to be removed with a minus. */
  said: number[];
}

function parse(format: string, options: ListParserOptions, file: string | Buffer, chunkLengths = [1e9]): Parsed {
  const said: number[] = [];
  const sink = { add: (number: number) => said.push(number), remove: (number: number) => said.push(-number) };
  const parser = createListParser(readFormat(format), options, sink);
  const bytes = Buffer.from(file);
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = chunkLengths[turn % chunkLengths.length] ?? 1;
    // A stream may use the memory of a chunk again.
    const chunk = Buffer.from(bytes.subarray(at, at + length));
    parser.write(chunk);
    chunk.fill(0x22);
    at += length;
  }
  return { ...parser.end(), said };
}

const codes = (report: ParseReport) => report.refusals.map(({ code }) => code);
const chunkLengths = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });
const linesOf = (...units: string[]) => fc.array(fc.constantFrom(...units), { maxLength: 60 }).map((parts) => parts.join(''));

describe('one number a line', () => {
  it.each<[string, string, number[]]>([
    ['US', '+12025550143', [12_025_550_143]],
    ['US', '12025550143', [12_025_550_143]],
    ['US', '2025550143', [12_025_550_143]],
    ['US', '(202) 555-0143', [12_025_550_143]],
    ['US', '"2025550143"', [12_025_550_143]],
    ['US', '  2025550143\t', [12_025_550_143]],
    ['US', '+442071838750', [442_071_838_750]],
    ['US', '442071838750', [442_071_838_750]],
    ['CA', '4165550143', [14_165_550_143]],
    ['GB', '02071838750', [442_071_838_750]],
    ['GB', '2071838750', [442_071_838_750]],
    ['GB', '442071838750', [442_071_838_750]],
    ['GB', '00442071838750', [442_071_838_750]],
    ['GB', '+44 (0)20 7183 8750', [442_071_838_750]],
    ['DE', '03012345678', [493_012_345_678]],
    ['DE', '493012345678', [493_012_345_678]],
    ['IT', '0669812345', [390_669_812_345]],
    ['FR', '0145678901', [33_145_678_901]],
    ['AU', '0412345678', [61_412_345_678]],
    ['SG', '61234567', [6_561_234_567]],
  ])('in a list of %s: %s', (country, line, numbers) => {
    expect(parse('lines', { country }, line).said).toEqual(numbers);
  });

  it.each([
    ['US', '555-0143', 'too_short'],
    ['US', '0025550143', 'invalid_area_code'],
    ['US', '1025550143', 'invalid_area_code'],
    ['US', '+1025550143', 'too_short'],
    ['US', '+11025550143', 'invalid_area_code'],
    ['US', '+123456', 'too_short'],
    ['US', '+1234567890123456', 'too_long'],
    ['US', '+02025550143', 'unknown_calling_code'],
    ['US', '20255501434', 'too_long'],
    ['US', 'call 2025550143 now', 'letters'],
    ['GB', '020', 'too_short'],
    ['XX', '2025550143', 'unknown_region'],
  ])('in a list of %s refuses %s: %s', (country, line, code) => {
    expect(codes(parse('lines', { country }, `2025550143\n${line}`)).at(-1)).toBe(code);
  });

  it('keeps a number that no numbering plan has, as registries do', () => {
    expect(parse('lines', AMERICAN, '9999990000\n(999) 999-0001').said).toEqual([19_999_990_000, 19_999_990_001]);
    expect(parse('lines', { country: 'GB' }, '03999999999').said).toEqual([443_999_999_999]);
  });

  it('counts numbers of other countries and passes over blank lines and a header', () => {
    const report = parse('lines', AMERICAN, 'Phone\r\n\r\n2025550143\r\n \n+442071838750\nPhone\nabc\n+12125550143\n\x1a');
    expect(report.said).toEqual([12_025_550_143, 442_071_838_750, 12_125_550_143]);
    expect(report).toMatchObject({ lines: 4, read: 3, refused: 1, foreign: 1, refusals: [{ line: 7, code: 'letters' }] });
    expect(report.areaCodes).toEqual(new Set([202, 212]));
  });

  it.each<[string, string, string[], number]>([
    ['of Canada or Jamaica on a list of the United States', 'US', ['+14165550143', '+18765550143', '+12025550143'], 2],
    ['of a territory on a federal list', 'US', ['+17875550143', '+13405550143'], 0],
    ['of Puerto Rico on a list of its own', 'PR', ['+17875550143', '+12025550143'], 1],
    ['of the United States on a list of Canada', 'CA', ['+12025550143', '+16135550143'], 1],
    ['of no country at all, toll-free or new', 'US', ['+18005550143', '+19995550143'], 0],
  ])('counts a number %s by its area code', (_what, country, numbers, foreign) => {
    expect(parse('lines', { country }, numbers.join('\n'))).toMatchObject({ read: numbers.length, refused: 0, foreign });
  });

  it('takes no broken number for a header', () => {
    expect(parse('lines', AMERICAN, '202555O143\n2025550143')).toMatchObject({ lines: 2, refused: 1, refusals: [{ line: 1 }] });
  });

  it('removes where the whole file is of removals', () => {
    expect(parse('lines', { country: 'US', op: 'remove' }, '2025550143').said).toEqual([-12_025_550_143]);
    expect(parse('lines', { country: 'US', op: 'add' }, '2025550143').said).toEqual([12_025_550_143]);
  });

  it('refuses what lies outside of the area codes that a file is for', () => {
    const report = parse('lines', { country: 'US', areaCodes: new Set([202]) }, '2025550143\n2125550143\n+442071838750\n2025550144');
    expect([report.said, codes(report)]).toEqual([[12_025_550_143, 12_025_550_144], ['other_area_code', 'other_area_code']]);
    expect(report.areaCodes).toEqual(new Set([202]));
  });

  it('reads on after a line without end', () => {
    const endless = Buffer.concat([Buffer.from('2025550143\n'), Buffer.alloc(3 * LONGEST_LINE, '7'), Buffer.from('\n2025550144')]);
    for (const length of [1e9, 1_000]) {
      const report = parse('lines', AMERICAN, endless, [length]);
      expect([report.said, report.refusals]).toEqual([[12_025_550_143, 12_025_550_144], [{ line: 2, code: 'line_too_long' }]]);
    }
  });

  it('names a hundred refusals and counts them all', () => {
    const report = parse('lines', AMERICAN, '5\n'.repeat(250));
    expect([report.refused, report.refusals.length]).toEqual([250, 100]);
  });
});

describe('the flat files of the FTC', () => {
  it('agree with a naive reading of any text, however it is cut into chunks', () => {
    const text = linesOf('202,5550143\n', '202,5550144\r\n', '102,5550143\n', '2', '0', ',', '\n', ' ', '"', 'A');
    fc.assert(fc.property(text, chunkLengths, (file, lengths) => {
      const report = parse('ftc_full', AMERICAN, `202,5550000\n${file}`, lengths);
      const lines = file.split('\n').map((line) => line.trim()).filter((line) => line !== '');
      const found = lines.flatMap((line) => {
        const [, area = '', local = ''] = /^"?(\d{3})"?\s*,\s*"?(\d{7})"?$/.exec(line) ?? [];
        return /^[2-9]/.test(area) ? [Number(`1${area}${local}`)] : [];
      });
      expect(report.said).toEqual([12_025_550_000, ...found]);
      expect(report).toMatchObject({ lines: 1 + lines.length, refused: lines.length - found.length });
    }), { numRuns: 2000 });
  });

  it('keep leading zeros of the local number', () => {
    expect(parse('ftc_full', AMERICAN, '202,0000001').said).toEqual([12_020_000_001]);
  });

  it('say in a change what to do, with or without a time', () => {
    const report = parse('ftc_change_csv', AMERICAN, '202,5550143,A\n202,5550144,D,2026-03-01 10:00:00\r\n202, 5550145 ,"d"\n202,5550146\n202,5550147,X\n202,5550148,');
    expect(report.said).toEqual([12_025_550_143, -12_025_550_144, -12_025_550_145]);
    expect(codes(report)).toEqual(['action_missing', 'action_unknown', 'action_missing']);
  });
});

describe('the XML files of the FTC', () => {
  const full = '<?xml version="1.0" encoding="UTF-8"?>\n<list type="full"><ac val="202"><ph val="5550143"/>\n<ph val="0000001"></ph></ac><ac val="212"><ph val="5550143"/></ac></list>';

  it('are read however they are cut into chunks', () => {
    fc.assert(fc.property(chunkLengths, (lengths) => {
      const report = parse('ftc_full_xml', AMERICAN, full, lengths);
      expect(report.said).toEqual([12_025_550_143, 12_020_000_001, 12_125_550_143]);
      expect(report.areaCodes).toEqual(new Set([202, 212]));
    }));
  });

  it('may follow one another in one stream, as in a zip', () => {
    fc.assert(fc.property(chunkLengths, (lengths) => {
      const report = parse('ftc_full_xml', AMERICAN, `${full}\n${full}\n<?xml version="1.0"?><list><ph val="5550143"/></list>\n`, lengths);
      expect([report.said.length, report.refusals]).toEqual([6, [{ line: 7, code: 'area_code_missing' }]]);
    }));
  });

  it('say in a change what to do, at the number or around it', () => {
    const file = '<list><ac val="202"><ph val="5550143" chgdate="2026-03-01" type="A"/><ph val="5550144" type="D"/>'
      + '<delete><ph val="5550145"/></delete><add><ph val="5550146"/><ph val="5550147" type="D"/></add><ph val="5550148"/><ph val="5550149" type="?"/></ac></list>';
    const report = parse('ftc_change_xml', AMERICAN, file);
    expect(report.said).toEqual([12_025_550_143, -12_025_550_144, -12_025_550_145, 12_025_550_146, -12_025_550_147]);
    expect(codes(report)).toEqual(['action_missing', 'action_unknown']);
  });

  it('say it in whatever attribute, as long as it is one word', () => {
    const numbers = '<ph val="5550143" change="A"/><ph val="5550144" seq="7" stat="D"/><ph val="5550145" chg="A" was="D"/><ph val="5550146" note="Ada"/>';
    const report = parse('ftc_change_xml', AMERICAN, `<list><ac val="202">${numbers}</ac></list>`);
    expect(report.said).toEqual([12_025_550_143, -12_025_550_144]);
    expect(codes(report)).toEqual(['action_unknown', 'action_missing']);
  });

  it.each([
    ['is cut off', '<list><ac val="202"><ph val="5550143"/>', 'xml_unreadable'],
    ['is cut off in a tag', '<list><ac val="202"><ph val="55', 'xml_unreadable'],
    ['is broken', '<list><ac val="202"></list>', 'xml_unreadable'],
    ['is no XML', '202,5550143\n', 'xml_unreadable'],
    ['has an unknown entity', '<list><ac val="&two;"/></list>', 'xml_unreadable'],
    ['has a DOCTYPE', '<?xml version="1.0"?><!DOCTYPE list [<!ENTITY two "202">]><list/>', 'xml_declares_entities'],
  ])('fail as a whole when one %s', (_, file, code) => {
    for (const lengths of [[1e9], [3], [1]]) expect(() => parse('ftc_full_xml', AMERICAN, file, lengths)).toThrow(expect.objectContaining({ code }));
  });

  it('fail when an attribute never ends', () => {
    expect(() => parse('ftc_full_xml', AMERICAN, `<list a="${'x'.repeat(17_000_000)}`, [1e6])).toThrow(expect.objectContaining({ code: 'xml_unreadable' }));
  });
});

describe('the fixed width of TPS', () => {
  it.each([
    ['five and seven', '02071838750 \r\n'],
    ['five and seven, each filled up', '0207 1838750\r\n'],
    ['twelve with the zero', '02071838750\r\n'],
    ['twelve without the zero', '2071838750  \r\n'],
    ['twelve with the calling code', '442071838750\r\n'],
  ])('reads %s as the same number', (_, line) => {
    expect(parse('tps_fixed', { country: 'GB' }, line).said).toEqual([442_071_838_750]);
  });

  it('refuses what is longer, shorter or no number', () => {
    const report = parse('tps_fixed', { country: 'GB' }, '0207183875099\n02071\n0207183875x\n');
    expect([report.read, codes(report)]).toEqual([0, ['too_long', 'column_missing', 'letters']]);
  });
});

describe('columns', () => {
  it('are joined, unquoted and told apart by their action', () => {
    const format = 'delimited:{"delimiter":",","columns":[1,2],"action":{"column":3,"add":"on","remove":"off"}}';
    const report = parse(format, AMERICAN, 'name,area,local,state\n"Smith, ""J""",202,"5550143",on\n,202,5550144,off\n,202,5550145,maybe\n,202,5550146,\n,202,5550147\n,202\n');
    expect(report.said).toEqual([12_025_550_143, -12_025_550_144]);
    expect(codes(report)).toEqual(['action_unknown', 'action_missing', 'action_missing', 'column_missing']);
  });

  it('agree with a naive split, however they are cut into chunks', () => {
    const text = linesOf('x|2025550143|y\n', 'x|2025550144\n', '|+12025550145|\r\n', 'x', '|', '\n', '2025550146');
    fc.assert(fc.property(text, chunkLengths, (file, lengths) => {
      const report = parse('delimited:{"delimiter":"|","columns":[1]}', AMERICAN, `|2025550000\n${file}`, lengths);
      const lines = file.split('\n').map((line) => line.trim()).filter((line) => line !== '');
      const found = lines.flatMap((line) => /^(?:\+1)?(\d{10})$/.exec(line.split('|')[1] ?? '')?.[1] ?? []);
      expect(report.said).toEqual([12_025_550_000, ...found.map((digits) => Number(`1${digits}`))]);
      expect(report.lines).toBe(1 + lines.length);
    }), { numRuns: 2000 });
  });

  it('stand at fixed bytes', () => {
    const report = parse('fixed:{"columns":[{"start":2,"length":3},{"start":8,"length":8}]}', AMERICAN, 'AB202   5550143 Z\nAB202   555-0144Z\nAB202\n');
    expect([report.said, codes(report)]).toEqual([[12_025_550_143, 12_025_550_144], ['column_missing']]);
  });
});

describe('any bytes at all', () => {
  const formats = ['lines', 'ftc_full', 'ftc_change_csv', 'tps_fixed', 'delimited:{"delimiter":",","columns":[0]}', 'fixed:{"columns":[{"start":0,"length":10}]}'];
  const bytes = fc.array(fc.oneof(fc.constantFrom(...Buffer.from('0123456789+,|"\n\r <>/="acphv&;')), fc.integer({ min: 0, max: 255 })), { maxLength: 300 })
    .map((items) => Buffer.from(items));

  it.each(formats)('in %s are read or refused, every line, and mean the same in any chunks', (format) => {
    fc.assert(fc.property(bytes, chunkLengths, fc.constantFrom('US', 'GB', 'DE', 'IT', 'XX'), (file, lengths, country) => {
      const [whole, cut] = [parse(format, { country }, file), parse(format, { country }, file, lengths)];
      expect(cut).toEqual(whole);
      expect(whole.lines).toBe(whole.read + whole.refused);
      expect(whole.said.length).toBe(whole.read);
      expect(whole.said.every((number) => /^-?[1-9]\d{6,14}$/.test(String(number)))).toBe(true);
    }), { numRuns: 500 });
  });

  it('as XML are read or fail as XML does', () => {
    const tags = fc.array(fc.constantFrom('<list>', '</list>', '<ac val="202">', '</ac>', '<ph val="5550143"/>', '<!--', '-->', '<?xml version="1.0"?>', '&#50;', '<![CDATA[', ']]>', '\n', '<'), { maxLength: 20 })
      .map((parts) => Buffer.from(parts.join('')));
    fc.assert(fc.property(fc.oneof(bytes, tags), chunkLengths, (file, lengths) => {
      expect(xmlOutcome(file, lengths)).toEqual(xmlOutcome(file, [1e9]));
    }), { numRuns: 3000 });
  });
});

/** The report, or the code of the failure; anything else that is thrown is thrown on. */
function xmlOutcome(file: Buffer, lengths: number[]): unknown {
  try {
    return parse('ftc_full_xml', AMERICAN, file, lengths);
  } catch (error) {
    if (error instanceof Error && error.name === 'ListFileFailure' && 'code' in error) return error.code;
    throw error;
  }
}
