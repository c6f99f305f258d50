import { ImportFailure } from '../import/import-failure.ts';
import { columnFinder, shown, type Column } from '../import/mapping.ts';
import type { ColumnName, ImportParameters } from '../import/parameters.ts';

/** What a column of a file of consent events can be read as: the columns of our own export. */
export const CONSENT_TARGETS = [
  'phone', 'region', 'kind', 'channel', 'purpose', 'at', 'expiresAt', 'grade', 'confirmation', 'act', 'file', 'via',
  'textVersion', 'method', 'language', 'url', 'certificate', 'ipDigest', 'fileDigest', 'statement',
] as const;
export type ConsentTarget = (typeof CONSENT_TARGETS)[number];

export type ConsentMapping = Partial<Record<ConsentTarget, ColumnName>>;

/** How a file is to be read, as its sender said; what was left out is absent. Holds nothing personal. */
export interface ConsentReading extends Pick<ImportParameters, 'region' | 'zone' | 'dateFormat' | 'delimiter' | 'header' | 'encoding'> {
  /** Left out: the columns, or the fields of a line, are called as the targets are. */
  mapping?: ConsentMapping;
  /** Constants for rows that do not say it themselves. */
  kind?: string;
  channel?: string;
  purpose?: string;
  grade?: string;
  method?: string;
}

/** The columns of the file in hand. */
export interface ConsentColumns {
  columns: Partial<Record<ConsentTarget, Column>>;
  header: string[];
  /** The cell up to which a row has to reach. */
  lastIndex: number;
}

/** The parameters that the readers of files take. */
export function openingOf({ mapping, delimiter, header, encoding }: ConsentReading): ImportParameters {
  const phone = mapping ? mapping.phone : 'phone';
  const given = { delimiter, header, encoding, mapping: phone === undefined ? undefined : { phone } };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Finds the columns of a CSV file by its first record. Throws an ImportFailure when one is missing, or a mapping is. */
export function findConsentColumns({ mapping }: ConsentReading, first: readonly string[], hasHeader: boolean): ConsentColumns {
  const header = first.map((cell, index) => (hasHeader ? shown(cell.trim()) : String(index + 1)));
  if (!mapping && !hasHeader) throw incomplete('is missing: a file without header needs one');
  const asked = Object.entries(mapping ?? ownNames(header)) as [ConsentTarget, ColumnName][];
  const find = columnFinder(first, hasHeader);
  const columns = Object.fromEntries(asked.map(([target, name]) => [target, find(name)])) as ConsentColumns['columns'];
  if (!columns.phone) throw incomplete('names no column for phone');
  if (!columns.at) throw incomplete('names no column for at, the time of each event');
  // Cells at the end may be left out where they are optional.
  return { columns, header, lastIndex: Math.max(columns.phone.index, columns.at.index) };
}

function ownNames(header: readonly string[]): ConsentMapping {
  return Object.fromEntries(CONSENT_TARGETS.filter((target) => header.includes(target)).map((target) => [target, target]));
}

function incomplete(what: string): ImportFailure {
  return new ImportFailure('mapping_incomplete', `The mapping ${what}; such as {"phone":"Phone","kind":"Status","at":"Changed on"}.`);
}
