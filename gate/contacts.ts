import type { Tx } from '../db/connection.ts';
import { findContact, insertContact, type NewContact } from '../db/contacts.ts';
import { tellLeads } from '../db/outbox.ts';
import { insertSuppression, suppressionOfContact } from '../db/suppressions.ts';
import { SUPPRESSING } from '../domain/contact.ts';

/** What a report of a contact became. */
export interface RecordedContact {
  contactId: string;
  /** The suppression that its outcome started. */
  suppressionId: string | null;
  /** False when it was on record already: nothing was added. */
  created: boolean;
}

/**
 * Puts a contact on record, with the suppression that its outcome is and the message to the lead's workflow. The caller holds
 * the lock of the person (`lockToken`).
 */
export async function recordContact(tx: Tx, contact: NewContact & { token: bigint }, now: Date): Promise<RecordedContact> {
  const contactId = await insertContact(tx, contact, now);
  if (contactId === null) return knownContact(tx, contact);
  const suppressionId = await suppress(tx, contact, contactId, now);
  await tellLeads(tx, [contact.leadId], { signal: 'outcomeRecorded', factId: contactId }, now);
  return { contactId, suppressionId, created: true };
}

async function knownContact(tx: Tx, contact: NewContact & { token: bigint }): Promise<RecordedContact> {
  const contactId = await findContact(tx, contact);
  if (contactId === null) throw new Error('a contact was refused that is not on record');
  return { contactId, suppressionId: await suppressionOfContact(tx, contact.token, contactId), created: false };
}

/** Who does not want this is not asked whether a message would be welcome instead: it holds for every channel. */
async function suppress(tx: Tx, contact: NewContact & { token: bigint }, contactId: string, now: Date): Promise<string | null> {
  const kind = SUPPRESSING[contact.outcome];
  if (!kind) return null;
  const { token, endedAt, channel } = contact;
  return insertSuppression(tx, { token, kind, channel: 'all', reported_at: endedAt, received_at: now, via: channel, contact_id: contactId });
}
