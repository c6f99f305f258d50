import type { Db } from '../db/connection.ts';
import { loadPersons, tokensOfLeads, type PersonRow } from '../db/gate-facts.ts';
import { findLeadsByToken } from '../db/leads.ts';
import { readLead } from '../db/locked-lead.ts';
import { openFirstRecords } from '../db/person-records.ts';
import type { Vault } from '../db/vault.ts';
import { DomainError } from '../domain/problem.ts';
import type { Asked } from './asked.ts';

type Person = Asked['person'];

/** The tokens of some persons, in their order; null for a lead that does not exist. */
export async function tokensOf(db: Db, vault: Vault, persons: readonly Person[]): Promise<(bigint | null)[]> {
  const phones = phonesOf(persons);
  const leadIds = persons.flatMap((person) => ('leadId' in person ? [person.leadId] : []));
  const byPhone = vault.phoneTokens(phones);
  const leads = leadIds.length === 0 ? [] : await tokensOfLeads(db, { leadIds });
  const byLead = new Map(leads.map(({ id, token }) => [id, token]));
  let nth = 0;
  return persons.map((person) => ('phone' in person ? byPhone[nth++] ?? null : byLead.get(person.leadId) ?? null));
}

/** What is left of a lead that was disposed of: that it was. Refuses the id of a lead that never was. */
export async function forgottenPerson(db: Db, person: Person): Promise<PersonRow> {
  const lead = 'leadId' in person ? await readLead(db, person.leadId) : null;
  if (!lead?.disposed_at) throw new DomainError('unknown_lead', 'Check the id of the lead.');
  return { ...NOTHING_KNOWN, id: lead.id, disposedAt: lead.disposed_at };
}

/** Each once, in the order in which everybody takes their locks. */
export function sortedTokens(tokens: readonly (bigint | null)[]): string[] {
  const known = new Set(tokens.filter((token) => token !== null));
  return [...known].sort((a, b) => (a < b ? -1 : 1)).map(String);
}

/** What was read about some persons. */
export interface Reading {
  rows: readonly PersonRow[];
  rowOf(person: Person, token: bigint): PersonRow | null;
  /** The number of a person, where it was given or could be opened. */
  numberOf(person: Person): string | null;
}

/** Reads everything about some persons at once. Numbers that share a token are told apart by opening them. */
export async function readPersons(
  db: Db, vault: Vault, { persons, tokens }: { persons: readonly Person[]; tokens: readonly string[] },
): Promise<Reading> {
  const rows = await loadPersons(db, { tokens: [...tokens] });
  const byToken = Map.groupBy(rows, ({ token }) => token);
  const shared = [...byToken].filter(([, found]) => found.length > 1 || (found[0]?.collision ?? 0) > 0).map(([token]) => token);
  const opened = shared.length === 0 ? [] : await findLeadsByToken(db, vault, shared, phonesOf(persons));
  const leadIds = persons.flatMap((person) => ('leadId' in person ? [person.leadId] : []));
  const records = leadIds.length === 0 ? null : await openFirstRecords(db, vault, leadIds);
  return {
    rows,
    rowOf(person, token) {
      const found = byToken.get(token) ?? [];
      if ('leadId' in person) return found.find(({ id }) => id === person.leadId) ?? null;
      if (!shared.includes(token)) return found[0] ?? null;
      const lead = opened.find((known) => known.token === token && known.phone === person.phone);
      return found.find(({ id }) => id === lead?.id) ?? withoutLead(found[0]);
    },
    numberOf(person) {
      if ('phone' in person) return person.phone;
      const [record] = records?.get(person.leadId) ?? [];
      return record && 'phone' in record && typeof record.phone === 'string' ? record.phone : null;
    },
  };
}

function phonesOf(persons: readonly Person[]): string[] {
  return persons.flatMap((person) => ('phone' in person ? [person.phone] : []));
}

/** Of a number that only shares its token with others, nothing is known but what holds for the token. */
function withoutLead(row: PersonRow | undefined): PersonRow | null {
  return row ? { ...NOTHING_KNOWN, token: row.token, suppressions: row.suppressions } : null;
}

const NOTHING_KNOWN: PersonRow = {
  token: 0n, id: null, collision: null, jurisdictions: null, zones: null, lineType: null, isCompany: null, archivedAt: null,
  disposedAt: null, acquisitions: null, consents: null, suppressions: null, relationships: null, contacts: null,
  reservation: null, hits: null, reassigned: null, portings: null, unclearOptOuts: null, lists: null, settingsVersion: null,
};
