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

/** One person out of many records, oldest first: what is known stays, later records only fill gaps. */
export function foldRecords(records: readonly PersonalRecord[]): PersonalRecord & { subject: Subject } {
  const folded: PersonalRecord = {};
  for (const record of records) {
    Object.assign(folded, { ...record, ...folded });
    folded.attributes = { ...record.attributes, ...folded.attributes };
    folded.address = { ...record.address, ...folded.address };
  }
  return { ...folded, subject: { name: folded.name, email: folded.email, address: folded.address } };
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
