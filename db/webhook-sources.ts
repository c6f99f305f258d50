import { sql, type Insertable, type Selectable } from 'kysely';
import type { WebhookProvider } from '../domain/webhook.ts';
import type { Confirmation, ConsentText } from '../domain/source.ts';
import type { Db, Tx } from './connection.ts';
import { named } from './named.ts';
import { sharedLookUp } from './shared-look-up.ts';
import type { WebhookSecretTable, WebhookSourceTable } from './webhook-schema.ts';

export type WebhookSourceRow = Selectable<WebhookSourceTable>;

/** Adds a source of webhooks; false when one of that id exists already. */
export async function insertWebhookSource(tx: Tx, source: Insertable<WebhookSourceTable>): Promise<boolean> {
  const added = await tx.insertInto('webhook_source').values(source).onConflict((conflict) => conflict.doNothing()).returning('id').executeTakeFirst();
  return added !== undefined;
}

export async function findWebhookSource(db: Db, id: string): Promise<WebhookSourceRow | null> {
  return (await db.selectFrom('webhook_source').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Sources of webhooks by id, those after one first; at most `limit`. */
export async function listWebhookSources(db: Db, after: string | null, limit: number): Promise<WebhookSourceRow[]> {
  const query = db.selectFrom('webhook_source').selectAll().orderBy('id').limit(limit);
  return (after === null ? query : query.where('id', '>', after)).execute();
}

/** Changes how a source is read, or whether it is; null when there is none. */
export async function changeWebhookSource(
  tx: Tx, id: string, change: { mapping?: string; paused_at?: Date | null },
): Promise<WebhookSourceRow | null> {
  return (await tx.updateTable('webhook_source').set(change).where('id', '=', id).returningAll().executeTakeFirst()) ?? null;
}

/** Puts a secret into use; those before it are taken until the end of an overlap, and forgotten afterwards. */
export async function addWebhookSecret(
  tx: Tx, secret: Insertable<WebhookSecretTable>, overlapEnds: Date,
): Promise<void> {
  const { webhook_source_id: source, created_at: now } = secret;
  await tx.deleteFrom('webhook_secret').where('webhook_source_id', '=', source).where('valid_until', '<=', now).execute();
  await tx
    .updateTable('webhook_secret')
    .set({ valid_until: sql<Date>`least(valid_until, ${overlapEnds})` })
    .where('webhook_source_id', '=', source)
    .execute();
  await tx.insertInto('webhook_secret').values(secret).execute();
}

/** Who may be sending, and what it takes to know and to read them. */
export interface WebhookSender {
  id: string;
  provider: WebhookProvider;
  mapping: WebhookSourceRow['mapping'];
  pausedAt: Date | null;
  sourceId: string;
  region: string | null;
  confirmation: Confirmation;
  consentTexts: ConsentText[];
  /** Sealed, the newest first, each with its id and until when it is taken. */
  secrets: { id: string; sealed: string; validUntil: string | null }[];
}

const MOST_SECRETS = 5;

/** The sources of some names, each the id of one or the name of a provider; of a provider so many at most. */
const findSenders: (db: Db, values: { names: string[]; limit: number }) => Promise<(WebhookSender & { name: string })[]> =
  named('webhook_senders', ({ names, limit }) => sql`
    select asked.name, found.id, found.provider, found.mapping, found.paused_at as "pausedAt", found.source_id as "sourceId",
      source.default_region as region, source.confirmation, source.consent_texts as "consentTexts",
      coalesce((select json_agg(one) from (
        select id, encode(sealed, 'base64') as sealed, valid_until as "validUntil" from webhook_secret
        where webhook_source_id = found.id order by id desc limit ${sql.lit(MOST_SECRETS)}) one), '[]') as secrets
    from unnest(${names}::text[]) as asked (name) cross join lateral (
      select * from webhook_source where id = asked.name
      union all
      (select * from webhook_source where provider = asked.name and id <> asked.name order by id limit ${limit})
    ) found join source on source.id = found.source_id`);

/** Finds who may be sending to a name: the source of that id, and some of the provider of that name. */
export function webhookSenderFinder(db: Db, limit: number): (name: string) => Promise<WebhookSender[]> {
  const find = sharedLookUp(async (names) => Map.groupBy(await findSenders(db, { names, limit }), ({ name }) => name));
  return async (name) => (await find(name)) ?? [];
}
