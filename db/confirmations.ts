import { sql, type Selectable } from 'kysely';
import type { AskedConsents, ConfirmationRequest } from '../domain/confirmation.ts';
import type { Grade } from '../domain/consent.ts';
import type { ConsentText } from '../domain/source.ts';
import type { ConfirmationRequestTable } from './person-schema.ts';
import type { Db, Tx } from './connection.ts';
import { newId } from './ids.ts';
import { named } from './named.ts';

export type ConfirmationRequestRow = Selectable<ConfirmationRequestTable>;

/** Puts down that a person is to be asked, and answers the id of the request. */
export async function insertConfirmationRequest(
  tx: Tx, { leadId, kind, consentIds }: { leadId: string; kind: ConfirmationRequest['kind']; consentIds: string[] }, now: Date,
): Promise<string> {
  const id = newId();
  await tx.insertInto('confirmation_request').values({ id, lead_id: leadId, kind, consent_ids: consentIds, requested_at: now }).execute();
  return id;
}

/** What a person was asked, oldest first. */
export function requestsOfLead(db: Db, leadId: string): Promise<ConfirmationRequest[]> {
  return readRequests(db, { leadId });
}

const readRequests: (db: Db, values: { leadId: string }) => Promise<ConfirmationRequest[]> = named('lead_requests', ({ leadId }) => sql`
  select id, kind, consent_ids as "consentIds", requested_at as "requestedAt", coalesce(sent_at, failed_at) is not null as "isSettled"
  from confirmation_request where lead_id = ${leadId} order by id`);

export async function findConfirmationRequest(db: Db, id: string): Promise<ConfirmationRequestRow | null> {
  return (await db.selectFrom('confirmation_request').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** A consent that somebody is asked about, with the text that was agreed to where its source has it. */
export interface RequestedConsent extends AskedConsents {
  consentId: string;
  grade: Grade;
  happenedAt: Date;
  expiresAt: Date | null;
  textVersion: string | null;
  textSourceId: string | null;
  text: ConsentText | null;
  /** The same version in every language that its source has it in. */
  texts: readonly ConsentText[];
}

/** The consents that a request is about, oldest first. */
export async function consentsOfRequest(db: Db, { consent_ids: ids }: Pick<ConfirmationRequestRow, 'consent_ids'>): Promise<RequestedConsent[]> {
  const { rows } = await sql<Omit<RequestedConsent, 'texts'> & { texts: ConsentText[] | null }>`
    select event.id as "consentId", array[event.id] as "consentIds", channel, purpose, grade, happened_at as "happenedAt",
      expires_at as "expiresAt", text_version as "textVersion", text_source_id as "textSourceId", source.consent_texts as texts
    from consent_event event left join source on source.id = event.text_source_id
    where event.id = any(${ids}::uuid[]) and channel <> 'all' and purpose <> 'all'
    order by happened_at, event.id`.execute(db);
  return rows.map((consent) => {
    const texts = (consent.texts ?? []).filter(({ version }) => version === consent.textVersion);
    return { ...consent, texts, text: texts[0] ?? null };
  });
}

/** Puts down that a request is about to be sent: should nobody come back from that, the next one knows. */
export async function markTried(db: Db, id: string, adapter: string, now: Date): Promise<void> {
  await db.updateTable('confirmation_request').set({ tried_at: now, adapter }).where('id', '=', id).execute();
}

/** How a request ended: sent, under the id of its message where it has one, or given up. */
export type Settlement = { sent_at: Date; message_id: string | null } | { failed_at: Date; failure: string };

/** Settles a request; false when somebody has already. */
export async function settleRequest(tx: Tx, id: string, settlement: Settlement): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('confirmation_request')
    .set(settlement)
    .where('id', '=', id)
    .where('sent_at', 'is', null)
    .where('failed_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Uses a request and every other one about the same consents; false when it has been used. */
export async function useRequest(tx: Tx, request: ConfirmationRequestRow, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('confirmation_request')
    .set({ used_at: now })
    .where('lead_id', '=', request.lead_id)
    .where('kind', '=', request.kind)
    .where(sql<boolean>`consent_ids && ${request.consent_ids}::uuid[]`)
    .where('used_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n && request.used_at === null;
}
