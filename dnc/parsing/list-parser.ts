import type { ListFormat } from '../list-format.ts';
import type { ListSink } from '../number-set.ts';
import { foreignTo } from '../prefixes.ts';
import { DelimitedLines } from './delimited-lines.ts';
import { FixedLines, TPS_COLUMNS, TPS_WIDTH } from './fixed-lines.ts';
import { FtcLines } from './ftc-lines.ts';
import { FtcXml } from './ftc-xml.ts';
import type { LineReader } from './line-reader.ts';
import { ListLines } from './list-lines.ts';
import { NumberReading } from './number-reading.ts';
import { PlainLines } from './plain-lines.ts';
import { Tally, type ParseReport } from './tally.ts';

export type { ParseReport } from './tally.ts';
export { ROW_REFUSALS, type RowRefusal } from './row-refusal.ts';

export interface ListParserOptions {
  /** ISO alpha-2, where numbers without a calling code are dialled. The formats of the FTC and of TPS have their own. */
  country: string;
  /** What to do with the numbers of a file that does not say it itself; left out: add. */
  op?: 'add' | 'remove';
  /** North American area codes; where given, numbers elsewhere are refused. */
  areaCodes?: ReadonlySet<number>;
}

/** Reads the bytes of a file in whatever chunks they come. */
export interface ListParser {
  /** Throws a ListFileFailure when the file cannot be read as what it is said to be. Nothing of the chunk is kept. */
  write(chunk: Buffer): void;
  /** What became of the file. Throws a ListFileFailure when it ends too early. */
  end(): ParseReport;
}

/**
 * A parser of do-not-call files that hands every number to a sink, in the order of the file: a NumberSet for a full file,
 * NumberChanges for one of changes. A row that is no number is refused and counted. Nothing that a file says is in a report.
 */
export function createListParser(format: ListFormat, options: ListParserOptions, sink: ListSink): ListParser {
  const reading = new NumberReading(options.country);
  const tally = new Tally({ isForeign: foreignTo(options.country, reading.callingCode), areaCodes: options.areaCodes }, sink);
  switch (format.kind) {
    case 'ftc_full_xml': return new FtcXml('full', tally);
    case 'ftc_change_xml': return new FtcXml('change', tally);
    default: return new ListLines(lineReaderOf(format, reading), options.op === 'remove', tally);
  }
}

function lineReaderOf(format: Exclude<ListFormat, { kind: `${string}_xml` }>, reading: NumberReading): LineReader {
  switch (format.kind) {
    case 'lines': return new PlainLines(reading);
    case 'ftc_full': return new FtcLines('full');
    case 'ftc_change_csv': return new FtcLines('change');
    case 'tps_fixed': return new FixedLines(new NumberReading('GB'), TPS_COLUMNS, TPS_WIDTH);
    case 'delimited': return new DelimitedLines(reading, format);
    case 'fixed': return new FixedLines(reading, format.columns);
    default: throw new Error(`an unknown format: ${(format satisfies never as ListFormat).kind}`);
  }
}
