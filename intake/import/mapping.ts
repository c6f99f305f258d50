import { ATTRIBUTES, type AttributeName } from '../../domain/attributes.ts';
import { CHANNELS, PURPOSES, type Channel, type Purpose } from '../../domain/consent.ts';
import { ImportFailure } from './import-failure.ts';
import type { ColumnName, ImportMapping, ImportTarget } from './parameters.ts';

const PLAIN_TARGETS = ['phone', 'region', 'acquiredAt', 'campaign', 'method', 'reference', 'lineType', 'subject.name', 'subject.email'] as const;
export const ADDRESS_FIELDS = ['street', 'city', 'region', 'postalCode', 'country'] as const;
export const CONSENT_FIELDS = ['obtainedAt', 'expiresAt', 'textVersion', 'url'] as const;

export type AddressField = (typeof ADDRESS_FIELDS)[number];
export type ConsentField = (typeof CONSENT_FIELDS)[number];

/** Everything that a column can be read as. */
export const IMPORT_TARGETS: readonly ImportTarget[] = [
  ...PLAIN_TARGETS,
  ...ADDRESS_FIELDS.map((field) => `subject.address.${field}` as const),
  ...(Object.keys(ATTRIBUTES) as AttributeName[]).map((name) => `attributes.${name}` as const),
  ...CHANNELS.flatMap((channel) => PURPOSES.flatMap((purpose) => CONSENT_FIELDS.map((field) => `consent.${channel}.${purpose}.${field}` as const))),
];

/** A column of the file in hand: where its cells are, and what it is called in refusals. */
export interface Column {
  index: number;
  name: string;
}

/** The columns of one consent: channel and purpose from the mapping, the rest from the row. */
export interface ConsentColumns {
  channel: Channel;
  purpose: Purpose;
  fields: Partial<Record<ConsentField, Column>>;
}

/** A mapping against the header of a file: which cell of a row is what. */
export interface ResolvedMapping {
  fields: Partial<Record<(typeof PLAIN_TARGETS)[number], Column>>;
  /** Joined by a blank, in this order. */
  names: Column[];
  address: [AddressField, Column][];
  attributes: [AttributeName, Column][];
  consents: ConsentColumns[];
  /** The cell up to which a row has to reach. */
  lastIndex: number;
}

/**
 * Finds the columns of a mapping in a file. Columns are named as in the header, or counted from 1 in a file without one.
 * Throws an ImportFailure when a column is not there or not one: it names the column asked for and never the header, which in
 * a file without header is a person.
 */
export function resolveMapping(mapping: ImportMapping, first: readonly string[], hasHeader: boolean): ResolvedMapping {
  const find = columnFinder(first, hasHeader);
  const resolved: ResolvedMapping = { fields: {}, names: [], address: [], attributes: [], consents: [], lastIndex: -1 };
  for (const [target, names] of Object.entries(mapping) as [ImportTarget, ColumnName | ColumnName[]][]) {
    const columns = [names].flat().map(find);
    place(resolved, target, columns);
    for (const { index } of columns) resolved.lastIndex = Math.max(resolved.lastIndex, index);
  }
  return resolved;
}

type Find = (name: ColumnName) => Column;

/** Finds one column after the other, as `resolveMapping` does. */
export function columnFinder(first: readonly string[], hasHeader: boolean): Find {
  return hasHeader ? nameFinder(first) : numberFinder(first.length);
}

function nameFinder(header: readonly string[]): Find {
  const names = header.map((cell) => cell.trim());
  return (asked) => {
    const name = String(asked).trim();
    const index = names.indexOf(name);
    if (index === -1) throw new ImportFailure('column_missing', `The mapping names a column that the header does not have: ${shown(name)}.`);
    if (names.includes(name, index + 1)) throw new ImportFailure('column_ambiguous', `The header has this mapped column more than once: ${shown(name)}.`);
    return { index, name: shown(name) };
  };
}

function numberFinder(width: number): Find {
  return (asked) => {
    const number = Number(asked);
    if (Number.isInteger(number) && number >= 1 && number <= width) return { index: number - 1, name: String(number) };
    throw new ImportFailure('column_missing', 'In a file without header the mapping names columns by their numbers, from 1 to the width of the first row.');
  };
}

/** What PostgreSQL can keep of a name, cut to a readable length. */
export function shown(name: string): string {
  return name.replaceAll('\0', '').toWellFormed().slice(0, 100);
}

function place(resolved: ResolvedMapping, target: ImportTarget, columns: readonly Column[]): void {
  const [column] = columns as [Column];
  const [group, ...path] = target.split('.') as [string, ...string[]];
  if (target === 'subject.name') resolved.names.push(...columns);
  else if (group === 'consent') placeConsent(resolved, path, column);
  else if (group === 'attributes') resolved.attributes.push([path.join('.') as AttributeName, column]);
  else if (target.startsWith('subject.address.')) resolved.address.push([path[1] as AddressField, column]);
  else resolved.fields[target as (typeof PLAIN_TARGETS)[number]] = column;
}

function placeConsent(resolved: ResolvedMapping, path: readonly string[], column: Column): void {
  const channel = path[0] as Channel;
  const purpose = path.slice(1, -1).join('.') as Purpose;
  let consent = resolved.consents.find((known) => known.channel === channel && known.purpose === purpose);
  if (!consent) resolved.consents.push((consent = { channel, purpose, fields: {} }));
  consent.fields[path.at(-1) as ConsentField] = column;
}
