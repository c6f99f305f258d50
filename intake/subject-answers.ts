import type { Db } from '../db/connection.ts';
import { heldFacts, type HeldFacts } from '../db/held-data.ts';
import { openEverything, type OpenedRecord } from '../db/person-records.ts';
import type { Vault } from '../db/vault.ts';
import { foldRecords, type PersonalRecord } from './personal-record.ts';

/** Everything that is held about a person, opened, as they are given it: GDPR art. 15 and its like elsewhere. */
export interface HeldAboutPerson extends Omit<HeldFacts, 'consents' | 'statements' | 'accesses' | 'requests' | 'acquisitions'> {
  preparedAt: string;
  company: string;
  person: PersonalRecord & { streets: string[] };
  acquisitions: (HeldFacts['acquisitions'][number] & Told)[];
  consents: (HeldFacts['consents'][number] & Told)[];
  statements: (HeldFacts['statements'][number] & Told)[];
  accesses: HeldFacts['accesses'];
  requests: (HeldFacts['requests'][number] & Told)[];
  /** What is sealed and belongs to none of the above: answers of those who issued certificates, corrections. */
  further: OpenedRecord[];
}

/** What a fact told of the person, opened; left out where nothing is kept of it. */
interface Told {
  told?: object;
}

/** Puts together what is held of a lead; null while nothing of it can be opened here: it is archived, or gone. */
export async function everythingAbout(
  db: Db, vault: Vault, leadId: string, company: string, now: Date,
): Promise<HeldAboutPerson | null> {
  const facts = await heldFacts(db, leadId);
  const records = await openEverything(db, vault, leadId);
  const sealed = new Map(records?.filter(({ tier }) => tier === 2).map(({ factId, record }) => [factId, record]));
  if (!facts || !records || !sealed.has(leadId)) return null;
  const corrected = new Set(facts.corrections.map(({ id }) => id));
  const known = facts.acquisitions.map(({ id }) => id);
  const ofPerson = records.filter(
    ({ factId, tier }) => tier === 2 && (factId === leadId || known.includes(factId) || corrected.has(factId)),
  );
  const streets = records.filter(({ tier }) => tier === 1);
  const { subject: _, ...person } = foldRecords(ofPerson.map(({ record }) => record as PersonalRecord));
  const withTold = <T extends { id: string }>(rows: T[]): (T & Told)[] => rows.map((row) => {
    const told = sealed.get(row.id);
    return told === undefined ? row : { ...row, told };
  });
  const [first, ...later] = withTold(facts.acquisitions);
  // The first acquisition is sealed by the id of its lead.
  const opening = sealed.get(leadId);
  const shown = {
    ...facts,
    acquisitions: first ? [{ ...first, told: first.told ?? opening }, ...later] as HeldAboutPerson['acquisitions'] : [],
    consents: withTold(facts.consents),
    statements: withTold(facts.statements),
    requests: withTold(facts.requests),
  };
  const placed = new Set([
    leadId,
    ...[...facts.acquisitions, ...facts.consents, ...facts.statements, ...facts.requests, ...facts.accesses].map(({ id }) => id),
  ]);
  return {
    preparedAt: now.toISOString(),
    company,
    person: { ...person, streets: streetsOf(streets) },
    ...shown,
    further: records.filter(({ factId, tier }) => tier === 2 && !placed.has(factId)),
  };
}

/** Where exactly somebody lives: the latest correction, else everything that was told. */
function streetsOf(records: readonly OpenedRecord[]): string[] {
  const told = records.map(({ record }) => record as { street: string | null; correction?: true });
  const last = told.findLastIndex(({ correction }) => correction === true);
  return [...new Set(told.slice(Math.max(last, 0)).flatMap(({ street }) => street ?? []))];
}

/** What the person gave us themselves, as rows of a name and a value: GDPR art. 20. */
export function providedBy(held: HeldAboutPerson): { field: string; value: string; at: string }[] {
  const { phone, name, email, address = {}, attributes = {}, reference, streets } = held.person;
  const at = held.acquisitions[0]?.acquiredAt ?? held.createdAt;
  const fields = { phone, name, email, reference, ...prefixed('address', address), ...prefixed('attributes', attributes) };
  const rows = Object.entries(fields).flatMap(([field, value]) => (value === undefined ? [] : [{ field, value, at }]));
  const consents = held.consents.map(({ kind, channel, purpose, happenedAt }) => {
    return { field: `consent.${channel}.${purpose}`, value: kind, at: happenedAt };
  });
  return [...rows, ...streets.map((value) => ({ field: 'address.street', value, at })), ...consents];
}

function prefixed(prefix: string, values: object): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value as string | undefined]));
}
