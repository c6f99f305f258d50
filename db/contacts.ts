import type { Insertable, Selectable } from 'kysely';
import type { Contact } from '../domain/contact.ts';
import type { Tx } from './connection.ts';
import { newId } from './ids.ts';
import type { ContactTable } from './gate-schema.ts';

/** A contact as it is reported: by the outcome of a clearance, or by whoever made it elsewhere. */
export interface NewContact extends Omit<Contact, 'id'> {
  leadId: string;
  clearanceId: string | null;
  /** As the dialer measured it, or null. */
  durationSeconds: number | null;
  callerId: string | null;
  agent: string | null;
  /** The reporter's own name for it; the same one again is the same contact. */
  reference: string | null;
}

/** Adds a contact. Null when its clearance has an outcome already, or its lead a contact of that reference. */
export async function insertContact(tx: Tx, contact: NewContact, receivedAt: Date): Promise<string | null> {
  const row: Insertable<ContactTable> = {
    id: newId(),
    lead_id: contact.leadId,
    clearance_id: contact.clearanceId,
    channel: contact.channel,
    purpose: contact.purpose,
    campaign: contact.campaign,
    seller: contact.seller,
    outcome: contact.outcome,
    started_at: contact.startedAt,
    ended_at: contact.endedAt,
    duration_seconds: contact.durationSeconds,
    received_at: receivedAt,
    caller_id: contact.callerId,
    agent: contact.agent,
    reference: contact.reference,
  };
  const inserted = await tx.insertInto('contact').values(row).onConflict((conflict) => conflict.doNothing()).returning('id').executeTakeFirst();
  return inserted?.id ?? null;
}

/** The contact that an outcome or a report has become already, or null. */
export async function findContact(
  tx: Tx, { leadId, clearanceId, reference }: Pick<NewContact, 'leadId' | 'clearanceId' | 'reference'>,
): Promise<string | null> {
  const row = await tx
    .selectFrom('contact')
    .select('id')
    .where((is) => is.or([
      ...(clearanceId === null ? [] : [is('clearance_id', '=', clearanceId)]),
      ...(reference === null ? [] : [is.and([is('lead_id', '=', leadId), is('reference', '=', reference)])]),
    ]))
    .limit(1)
    .executeTakeFirst();
  return row?.id ?? null;
}

/** A contact that is known to be on record. */
export async function contactById(tx: Tx, id: string): Promise<Selectable<ContactTable>> {
  return tx.selectFrom('contact').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}
