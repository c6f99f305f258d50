import { ImportFailure } from '../import/import-failure.ts';
import { columnFinder, shown, type Column } from '../import/mapping.ts';
import type { ColumnName, ImportParameters } from '../import/parameters.ts';

/** How lists of people who do not want to be contacted are written down. */
export const SUPPRESSION_FORMATS = ['plain', 'vicidial', 'hubspot', 'csv'] as const;
export type SuppressionFormat = (typeof SUPPRESSION_FORMATS)[number];

/** Which columns of a CSV file are what. */
export interface SuppressionMapping {
  phone: ColumnName | ColumnName[];
  reportedAt?: ColumnName | undefined;
  /** A row counts where one of these says so; without them every row does. */
  optedOut?: ColumnName | ColumnName[] | undefined;
  /** What those columns say then; left out: anything but no. */
  optedOutWords?: string[] | undefined;
}

/** How a file is to be read, as its sender said. */
export interface SuppressionReading extends Pick<ImportParameters, 'region' | 'zone' | 'dateFormat' | 'delimiter' | 'header' | 'encoding'> {
  format: SuppressionFormat;
  mapping?: SuppressionMapping;
}

/** The columns of the file in hand. */
export interface SuppressionColumns {
  phones: Column[];
  /** ViciDial keeps the calling code apart. */
  callingCode: Column | undefined;
  reportedAt: Column | undefined;
  optedOut: Column[];
  /** In small letters; null: anything but no. */
  words: ReadonlySet<string> | null;
  names: string[];
}

const HUBSPOT_PHONES = ['Phone Number', 'Mobile Phone Number'];
const SAYS_OPTED_OUT = /opt(?:ed)?[\s_-]*out|unsubscribe|do[\s_-]*not[\s_-]*(?:call|contact)|^dnc$/i;

/** How a format is opened: the parameters that the readers of imports take. */
export function openingOf(reading: SuppressionReading): { format: 'csv' | 'ndjson'; parameters: ImportParameters } {
  const { format, mapping, delimiter, header, encoding } = reading;
  if (format === 'plain') return { format: 'ndjson', parameters: given({ encoding }) };
  const phone = format === 'vicidial' ? 'phone_number' : mapping?.phone;
  return { format: 'csv', parameters: given({ delimiter, header, encoding, mapping: phone === undefined ? undefined : { phone } }) };
}

function given(parameters: { [Name in keyof ImportParameters]: ImportParameters[Name] | undefined }): ImportParameters {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
}

/** Finds the columns of a file by its first record. Throws an ImportFailure when one is missing. */
export function findColumns(
  { format, mapping }: SuppressionReading, first: readonly string[], hasHeader: boolean,
): SuppressionColumns {
  const names = first.map((cell, index) => (hasHeader ? shown(cell.trim()) : String(index + 1)));
  const find = columnFinder(first, hasHeader);
  const none: Omit<SuppressionColumns, 'phones'> = { callingCode: undefined, reportedAt: undefined, optedOut: [], words: null, names };
  switch (format) {
    case 'plain': return { ...none, phones: [{ index: 0, name: '' }], names: [''] };
    case 'vicidial': {
      const callingCode = names.includes('phone_code') ? find('phone_code') : undefined;
      return { ...none, phones: [find('phone_number')], callingCode };
    }
    case 'hubspot': return { ...none, ...hubspotColumns(names, find) };
    case 'csv': return { ...none, ...mappedColumns(requireMapping(mapping), find) };
  }
}

type Find = ReturnType<typeof columnFinder>;

function hubspotColumns(names: readonly string[], find: Find): Pick<SuppressionColumns, 'phones' | 'optedOut'> {
  const phones = HUBSPOT_PHONES.filter((name) => names.includes(name)).map(find);
  const optedOut = names.filter((name) => SAYS_OPTED_OUT.test(name)).map(find);
  if (phones.length === 0) throw missing(`There is neither of the columns ${HUBSPOT_PHONES.join(', ')}`);
  if (optedOut.length === 0) throw missing('No column says who opted out: all contacts would be suppressed');
  return { phones, optedOut };
}

function mappedColumns(
  { phone, reportedAt, optedOut, optedOutWords }: SuppressionMapping, find: Find,
): Omit<SuppressionColumns, 'callingCode' | 'names'> {
  return {
    phones: [phone].flat().map(find),
    reportedAt: reportedAt === undefined ? undefined : find(reportedAt),
    optedOut: optedOut === undefined ? [] : [optedOut].flat().map(find),
    words: optedOutWords ? new Set(optedOutWords.map((word) => word.trim().toLowerCase())) : null,
  };
}

function requireMapping(mapping: SuppressionMapping | undefined): SuppressionMapping {
  if (mapping) return mapping;
  throw new ImportFailure('mapping_missing', 'Say which column is what with the parameter mapping, such as {"phone":"Phone"}.');
}

function missing(what: string): ImportFailure {
  return new ImportFailure('column_missing', `${what}; name the columns with format=csv and a mapping.`);
}
