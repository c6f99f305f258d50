import { ATTRIBUTES } from '../../domain/attributes.ts';
import type { Acquisition, Address, CarriedConsent } from '../acquisition.ts';
import type { Cells } from './cells.ts';
import { acquisitionOf, LONGEST, regionOf, type ImportContext } from './import-context.ts';
import type { AddressField, Column, ConsentColumns, ResolvedMapping } from './mapping.ts';
import { isSoundRow } from './sound-row.ts';

/** Reads rows of cells as acquisitions, by a mapping. What is wrong with a row is left with `cells`. */
export class MappedRows {
  readonly #mapping: ResolvedMapping;
  readonly #header: readonly string[];
  readonly #cells: Cells;
  readonly #context: ImportContext;
  readonly #acquiredAt: Date | undefined;

  /** `header` names the columns of the file, or counts them. */
  constructor(mapping: ResolvedMapping, header: readonly string[], cells: Cells, context: ImportContext) {
    this.#mapping = mapping;
    this.#header = header;
    this.#cells = cells;
    this.#context = context;
    const constant = context.parameters.acquiredAt;
    this.#acquiredAt = constant === undefined ? undefined : new Date(constant);
  }

  /** The acquisition that a row tells of; of no use when `cells` has problems afterwards. */
  read(row: readonly string[]): Acquisition | undefined {
    const { fields, lastIndex } = this.#mapping;
    if (!isSoundRow(row, this.#header, lastIndex, this.#cells)) return undefined;
    const facts = {
      phone: this.#phone(row, fields.phone, regionOf(this.#country(row, fields.region), this.#context)),
      acquiredAt: this.#moment(row, fields.acquiredAt),
      method: this.#label(row, fields.method),
      campaign: this.#label(row, fields.campaign),
      subject: { name: this.#name(row), email: this.#email(row, fields['subject.email']), address: this.#address(row) },
      attributes: this.#attributes(row),
      reference: this.#text(row, fields.reference, LONGEST.reference),
      consents: this.#consents(row),
      lineType: fields.lineType && this.#cells.lineType(row[fields.lineType.index] ?? '', fields.lineType.name),
    };
    return acquisitionOf(facts, this.#context);
  }

  #phone(row: readonly string[], column: Column | undefined, region: string | undefined) {
    return column && this.#cells.phone(row[column.index] ?? '', region, column.name);
  }

  #moment(row: readonly string[], column: Column | undefined): Date | undefined {
    const cell = column ? row[column.index]?.trim() : '';
    if (column && cell) return this.#cells.moment(cell, column.name, 'acquired_in_future');
    return this.#acquiredAt ?? this.#cells.refuse('acquired_at_missing', column?.name ?? '');
  }

  #text(row: readonly string[], column: Column | undefined, longest: number): string | undefined {
    return column && this.#cells.text(row[column.index] ?? '', longest, column.name);
  }

  #label(row: readonly string[], column: Column | undefined): string | undefined {
    return column && this.#cells.label(row[column.index] ?? '', column.name);
  }

  #country(row: readonly string[], column: Column | undefined): string | undefined {
    return column && this.#cells.country(row[column.index] ?? '', column.name);
  }

  #email(row: readonly string[], column: Column | undefined): string | undefined {
    return column && this.#cells.email(row[column.index] ?? '', column.name);
  }

  #name(row: readonly string[]): string | undefined {
    const { names } = this.#mapping;
    const [first] = names;
    if (!first) return undefined;
    const parts = names.map(({ index }) => row[index]?.trim()).filter(Boolean);
    return this.#cells.text(parts.join(' '), LONGEST.name, first.name);
  }

  #address(row: readonly string[]): Address | undefined {
    const { address } = this.#mapping;
    if (address.length === 0) return undefined;
    const read = (field: AddressField, column: Column) => {
      return field === 'country' ? this.#country(row, column) : this.#text(row, column, LONGEST[field]);
    };
    return Object.fromEntries(address.map(([field, column]) => [field, read(field, column)]));
  }

  #attributes(row: readonly string[]): Record<string, string> {
    const attributes: Record<string, string> = {};
    for (const [name, column] of this.#mapping.attributes) {
      const value = this.#text(row, column, ATTRIBUTES[name].maxLength);
      if (value !== undefined) attributes[name] = value;
    }
    return attributes;
  }

  #consents(row: readonly string[]): CarriedConsent[] {
    const { consents } = this.#mapping;
    return consents.length === 0 ? [] : consents.flatMap((columns) => this.#consent(row, columns) ?? []);
  }

  /** A row without a time for a consent brings none, whatever its other columns say. */
  #consent(row: readonly string[], { channel, purpose, fields }: ConsentColumns): CarriedConsent | undefined {
    const cell = (column: Column | undefined) => (column && row[column.index]) ?? '';
    const obtainedAt = this.#cells.moment(cell(fields.obtainedAt), fields.obtainedAt?.name ?? '', 'consent_in_future');
    if (!obtainedAt) return undefined;
    const expiresAt = this.#cells.moment(cell(fields.expiresAt), fields.expiresAt?.name ?? '', null) ?? null;
    if (expiresAt && expiresAt <= obtainedAt) this.#cells.refuse('consent_out_of_order', fields.expiresAt?.name ?? '');
    const textVersion = this.#cells.word(cell(fields.textVersion), fields.textVersion?.name ?? '');
    const url = this.#cells.url(cell(fields.url), fields.url?.name ?? '');
    const evidence = textVersion || url ? { evidence: { textVersion, url } } : {};
    return { channel, purpose, obtainedAt, expiresAt, ...evidence };
  }
}
