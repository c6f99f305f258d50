import type { Db } from '../../db/connection.ts';
import { findSource } from '../../db/sources.ts';
import type { Vault } from '../../db/vault.ts';
import {
  anyStatementWaits, settleWebhookEvents, takeWaitingStatements, type WaitingStatementRow, type WebhookEventRow,
} from '../../db/webhook-events.ts';
import { insertWebhookRows, learnReferences } from '../../db/webhook-facts.ts';
import type { WebhookEvent } from '../../domain/webhook.ts';
import type { Acquisition } from '../acquisition.ts';
import { readGround } from './ground.ts';
import { WebhookPlan } from './plan.ts';
import type { EventSender } from './taken-event.ts';

/** What became of an event that waited. */
type Settled = Pick<WebhookEventRow, 'id' | 'result' | 'lead_id' | 'fact_ids'>;

/** A number that has just been acquired, and what was told with it. */
export type Acquired = Pick<Acquisition, 'reference' | 'subject' | 'source' | 'receivedAt'> & { token: bigint };

/**
 * Remembers by which names sources call the people of some acquisitions, and does what was said of these people before they were
 * known. The acquisitions are written already, in the same transaction.
 */
export async function settleAcquired(tx: Db, vault: Vault, acquired: readonly Acquired[]): Promise<void> {
  await learnReferences(tx, acquired.flatMap(({ token, reference, source, receivedAt }) => {
    return reference === null ? [] : [{ reference: vault.referenceToken(source.id, reference), token, learned_at: receivedAt }];
  }));
  if (!(await anyStatementWaits(tx))) return;
  const tokensByName = new Map<bigint, bigint[]>();
  for (const each of acquired) {
    for (const name of namesOf(vault, each)) tokensByName.set(name, [...(tokensByName.get(name) ?? []), each.token]);
  }
  await settleNames(tx, vault, tokensByName);
}

/** Does what was said of people before they were known by some names, pseudonyms all, whose numbers are on the books now. */
export async function settleNames(tx: Db, vault: Vault, tokensByName: ReadonlyMap<bigint, readonly bigint[]>): Promise<void> {
  if (tokensByName.size === 0) return;
  const waiting = await takeWaitingStatements(tx, [...tokensByName.keys()].map(String));
  if (waiting.length === 0) return;
  const tokens = [...new Set(waiting.flatMap(({ key }) => tokensByName.get(key) ?? []))];
  const plan = new WebhookPlan(await readGround(tx, vault, tokens.map(String), new Set(waiting.map(({ act }) => act))));
  await settleWebhookEvents(tx, await resumeWaiting(tx, plan, waiting, tokensByName));
  await insertWebhookRows(tx, plan.rows);
}

function namesOf(vault: Vault, { token, reference, subject, source }: Acquired): bigint[] {
  const names = [token];
  if (subject.email !== undefined) names.push(vault.emailToken(subject.email));
  if (reference !== null) names.push(vault.referenceToken(source.id, reference));
  return names;
}

/** Plans what waited for people who are known now, and answers what became of its events. */
export async function resumeWaiting(
  db: Db, plan: WebhookPlan, waiting: readonly WaitingStatementRow[], tokensByKey: ReadonlyMap<bigint, readonly bigint[]>,
): Promise<Settled[]> {
  const settled = new Map<string, Settled>();
  for (const row of waiting) {
    if (settled.has(row.event_id)) continue;
    const event = eventOf(row);
    const taken = { id: row.event_id, key: '', event, sender: await senderOf(db, row), receivedAt: row.received_at };
    const { result, leadIds, factIds } = plan.resume(taken, event, tokensByKey.get(row.key) ?? []);
    settled.set(row.event_id, { id: row.event_id, result, lead_id: leadIds[0] ?? null, fact_ids: factIds });
  }
  return [...settled.values()];
}

async function senderOf(db: Db, row: WaitingStatementRow): Promise<EventSender> {
  const { webhook_source_id: webhookSourceId, source_id: sourceId } = row;
  const source = await findSource(db, sourceId);
  return { webhookSourceId, sourceId, confirmation: source?.confirmation ?? 'none', consentTexts: source?.consentTexts ?? [] };
}

function eventOf(row: WaitingStatementRow): WebhookEvent {
  const { act, channels, purpose, grade, method, by_message: byMessage, text_version: textVersion } = row;
  const { happened_at: at, expires_at: expiresAt } = row;
  const nobody = { id: '', key: '', phone: null, email: null, reference: null, merged: [], statement: null };
  return { ...nobody, act, byMessage, channels, purpose, at, expiresAt, grade, textVersion, method };
}
