import type { Acquisition } from '../acquisition.ts';
import { Cells } from './cells.ts';
import type { ExaminedFile } from './file-layout.ts';
import { guessMapping } from './guess.ts';
import type { ImportContext } from './import-context.ts';
import { ImportFailure } from './import-failure.ts';
import { JsonObject } from './json-object.ts';
import { LeadLines } from './lead-lines.ts';
import { MappedRows } from './mapped-rows.ts';
import { resolveMapping, shown, type ResolvedMapping } from './mapping.ts';
import type { ImportMapping, ImportParameters } from './parameters.ts';
import { refuseRow, type RowRefusal } from './refusal.ts';
import { TimeCells } from './time-cells.ts';

/** Reads one record as an acquisition, or says why it is none. `row` is the record's number in the file. */
export type ReadRow = (record: readonly string[], row: number) => Acquisition | RowRefusal;

/** How the rows of an examined file are read. Throws an ImportFailure when its mapping does not fit the file. */
export function rowReader(file: ExaminedFile, context: ImportContext): ReadRow {
  const { parameters, receivedAt } = context;
  const cells = new Cells(new TimeCells(parameters.dateFormat, parameters.zone), receivedAt);
  const read = file.layout.format === 'csv' ? csvReader(file, cells, context) : ndjsonReader(cells, context);
  return (record, row) => {
    const acquisition = read(record);
    const problems = cells.takeProblems();
    return acquisition && problems.length === 0 ? acquisition : refuseRow(row, problems);
  };
}

export function isRefusal(read: Acquisition | RowRefusal): read is RowRefusal {
  return 'code' in read;
}

type ReadRecord = (record: readonly string[]) => Acquisition | undefined;

function csvReader({ layout, first }: ExaminedFile, cells: Cells, context: ImportContext): ReadRecord {
  const { mapping } = context.parameters;
  if (!mapping) throw new ImportFailure('mapping_missing', withGuess(first));
  const resolved = requireEnough(resolveMapping(mapping, first, layout.hasHeader), context.parameters);
  const header = first.map((cell, index) => (layout.hasHeader ? shown(cell.trim()) : String(index + 1)));
  const rows = new MappedRows(resolved, header, cells, context);
  return (record) => rows.read(record);
}

function ndjsonReader(cells: Cells, context: ImportContext): ReadRecord {
  const { mapping } = context.parameters;
  const lines = new LeadLines(cells, context);
  return mapping ? mappedLineReader(mapping, cells, context) : ([line = '']) => lines.read(line);
}

/** With a mapping, the fields of a line are its columns. */
function mappedLineReader(mapping: ImportMapping, cells: Cells, context: ImportContext): ReadRecord {
  const names = [...new Set(Object.values(mapping).flat().map(String))];
  const rows = new MappedRows(requireEnough(resolveMapping(mapping, names, true), context.parameters), names, cells, context);
  return ([line = '']) => {
    const object = JsonObject.parse(line, cells);
    return object && rows.read(names.map((name) => object.text(name)));
  };
}

/** Fails where no row could ever be read by a mapping. */
function requireEnough(mapping: ResolvedMapping, parameters: ImportParameters): ResolvedMapping {
  const { fields, consents } = mapping;
  if (!fields.phone) throw incomplete('names no column for phone');
  if (!fields.acquiredAt && parameters.acquiredAt === undefined) throw incomplete('names no column for acquiredAt, and no constant acquiredAt is given');
  if (consents.some((consent) => !consent.fields.obtainedAt)) throw incomplete('has a consent without its obtainedAt');
  return mapping;
}

function incomplete(what: string): ImportFailure {
  return new ImportFailure('mapping_incomplete', `The mapping ${what}.`);
}

function withGuess(first: readonly string[]): string {
  const guess = guessMapping(first);
  const example = guess.phone === undefined ? '{"phone":"Phone","acquiredAt":"Signed up"}' : JSON.stringify(guess);
  return `Say which column is what with the parameter mapping, such as ${example}; POST /v1/imports/preview proposes one.`;
}
