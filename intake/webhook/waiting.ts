import type { Db } from '../../db/connection.ts';
import { annulConsents, grantedCalls } from '../../db/dnc-hits.ts';
import { lockPersons } from '../../db/gate-facts.ts';
import { findSource } from '../../db/sources.ts';
import type { Vault } from '../../db/vault.ts';
import {
  anyStatementWaits, lockLeadsOfTokens, markLookedAt, settleWebhookEvents, statementsNotLookedAt, takeWaitingStatements,
  tokensOfEmails, tokensOfNumbers, tokensOfReferences,
  type TakenStatement, type WaitingStatementRow, type WebhookEventRow,
} from '../../db/webhook-events.ts';
import { writeWebhookRows, learnReferences } from '../../db/webhook-facts.ts';
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
export async function settleAcquired(tx: Db, vault: Vault, acquired: readonly Acquired[], now: Date): Promise<void> {
  await learnReferences(tx, acquired.flatMap(({ token, reference, source, receivedAt }) => {
    return reference === null ? [] : [{ reference: vault.referenceToken(source.id, reference), token, learned_at: receivedAt }];
  }));
  if (!(await anyStatementWaits(tx))) return;
  const tokensByName = new Map<bigint, bigint[]>();
  for (const each of acquired) {
    for (const name of namesOf(vault, each)) tokensByName.set(name, [...(tokensByName.get(name) ?? []), each.token]);
  }
  await settleNames(tx, vault, tokensByName, now);
}

/** Does what was said of people before they were known by some names, pseudonyms all, whose numbers are on the books now. */
export async function settleNames(
  tx: Db, vault: Vault, tokensByName: ReadonlyMap<bigint, readonly bigint[]>, now: Date,
): Promise<void> {
  if (tokensByName.size === 0) return;
  const waiting = await takeWaitingStatements(tx, [...tokensByName.keys()].map(String));
  if (waiting.length === 0) return;
  const tokens = [...new Set(waiting.flatMap(({ key }) => tokensByName.get(key) ?? []))];
  await lockLeadsOfTokens(tx, { tokens: tokens.map(String) });
  const plan = new WebhookPlan(await readGround(tx, vault, tokens.map(String), new Set(waiting.map(({ act }) => act))));
  await settleWebhookEvents(tx, await resumeWaiting(tx, plan, waiting, tokensByName));
  await writeWebhookRows(tx, plan.rows, now);
  await annulConsents(tx, grantedCalls(plan.rows.consents), now);
}

/**
 * Looks at statements that came in before a moment, each of them once, and does those whose person is known after all: when an
 * event and the acquisition of its person are written at the same time, neither finds the other. Answers how many were looked
 * at, and how many events were done.
 */
export async function settleLeftBehind(
  db: Db, vault: Vault, { before, now, limit }: { before: Date; now: Date; limit: number },
): Promise<{ lookedAt: number; settled: number }> {
  const statements = await statementsNotLookedAt(db, before, limit);
  const tokensByKey = await tokensOfKeys(db, [...new Set(statements.map(({ key }) => String(key)))]);
  if (tokensByKey.size > 0) {
    const tokens = [...new Set([...tokensByKey.values()].flat())].sort((one, other) => (one < other ? -1 : 1));
    await db.transaction().execute(async (tx) => {
      // As whoever acquires: first the person, then what waits for them.
      await lockPersons(tx, { tokens: tokens.map(String) });
      await settleNames(tx, vault, tokensByKey, now);
    });
  }
  const settled = new Set(statements.filter(({ key }) => tokensByKey.has(key)).map(({ event_id }) => event_id)).size;
  const waiting = statements.filter(({ key }) => !tokensByKey.has(key)).map(({ id }) => id);
  await markLookedAt(db, waiting, now);
  return { lookedAt: statements.length, settled };
}

/** A pseudonym is of a number, of a sender's own name for somebody, or of an address. */
async function tokensOfKeys(db: Db, keys: string[]): Promise<Map<bigint, bigint[]>> {
  if (keys.length === 0) return new Map();
  const found = [
    ...await tokensOfNumbers(db, keys),
    ...await tokensOfReferences(db, { references: keys }),
    ...await tokensOfEmails(db, { emails: keys }),
  ];
  return new Map([...Map.groupBy(found, ({ key }) => key)].map(([key, rows]) => [key, rows.map(({ token }) => token)]));
}

function namesOf(vault: Vault, { token, reference, subject, source }: Acquired): bigint[] {
  const names = [token];
  if (subject.email !== undefined) names.push(vault.emailToken(subject.email));
  if (reference !== null) names.push(vault.referenceToken(source.id, reference));
  return names;
}

/** Plans what waited for people who are known now, and answers what became of its events. */
export async function resumeWaiting(
  db: Db, plan: WebhookPlan, waiting: readonly TakenStatement[], tokensByKey: ReadonlyMap<bigint, readonly bigint[]>,
): Promise<Settled[]> {
  const settled = new Map<string, Settled>();
  for (const row of waiting) {
    if (settled.has(row.event_id)) continue;
    const event = eventOf(row);
    const taken = { id: row.event_id, key: '', event, sender: await senderOf(db, row), receivedAt: row.received_at, requestId: row.request_id };
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
