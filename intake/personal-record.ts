import type { Acquisition, Address, Subject } from './acquisition.ts';

/** Tier L2 of what one acquisition told us. The record that made the lead (fact id = lead id) also holds its number. */
export interface PersonalRecord {
  phone?: string;
  name?: string;
  email?: string;
  address?: Omit<Address, 'street'>;
  attributes?: Record<string, string>;
  reference?: string;
}

/** What was put right about a person: what is given replaces what was known, null removes it. */
export interface CorrectionRecord {
  correction: true;
  /** Why, in the words of whoever did it. */
  reason: string;
  name?: string | null | undefined;
  email?: string | null | undefined;
  address?: Omit<Address, 'street'> | null | undefined;
  attributes?: Record<string, string | null | undefined> | undefined;
}

/** Tier L1 of what one acquisition told us: where exactly somebody lives. */
export interface ExactAddressRecord {
  street: string;
}

/** The personal data of an acquisition by tier; null where it brought none. */
export function personalRecords(
  acquisition: Acquisition, withPhone: boolean,
): { l2: PersonalRecord | null; l1: ExactAddressRecord | null } {
  const { subject, attributes, reference } = acquisition;
  const { street, ...address } = subject.address ?? {};
  const l2 = compact({
    phone: withPhone ? acquisition.phone : undefined,
    name: subject.name,
    email: subject.email,
    address: compact(address) ?? undefined,
    attributes: Object.keys(attributes).length > 0 ? attributes : undefined,
    reference: reference ?? undefined,
  });
  return { l2, l1: street ? { street } : null };
}

/**
 * One person out of many records, oldest first: what is known stays, later records only fill gaps. A correction replaces what was
 * known, and what it has removed is no gap.
 */
export function foldRecords(records: readonly (PersonalRecord | CorrectionRecord)[]): PersonalRecord & { subject: Subject } {
  let folded: Folded = {};
  for (const record of records) folded = 'correction' in record ? corrected(folded, record) : filled(folded, record);
  const person = { ...told(folded), attributes: told(folded.attributes ?? {}), address: folded.address ?? {} } as PersonalRecord;
  return { ...person, subject: { name: person.name, email: person.email, address: person.address } };
}

/** A person as known so far; null is what a correction has removed. */
type Folded = Omit<PersonalRecord, 'name' | 'email' | 'address' | 'attributes'> & Omit<CorrectionRecord, 'correction' | 'reason'>;

function filled(known: Folded, record: PersonalRecord): Folded {
  const address = known.address === null ? null : { ...record.address, ...known.address };
  return { ...record, ...known, attributes: { ...record.attributes, ...known.attributes }, address };
}

function corrected(known: Folded, { correction: _, reason: __, attributes, ...values }: CorrectionRecord): Folded {
  return { ...known, ...values, attributes: { ...known.attributes, ...attributes } };
}

/** Without what was removed. */
function told<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as Partial<T>;
}

function compact<T extends object>(record: T): { [K in keyof T]?: Exclude<T[K], undefined> } | null {
  const given: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  let some = false;
  for (const name in record) {
    const value = record[name];
    if (value === undefined || value === '') continue;
    given[name] = value as Exclude<T[typeof name], undefined>;
    some = true;
  }
  return some ? given : null;
}
