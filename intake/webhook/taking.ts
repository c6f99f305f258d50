import type { Db, Tx } from '../../db/connection.ts';
import { annulConsents, grantedCalls } from '../../db/dnc-hits.ts';
import { lockPersons } from '../../db/gate-facts.ts';
import { askTogether, type Work } from '../../db/pipeline.ts';
import type { Vault } from '../../db/vault.ts';
import {
  knownWebhookEvents, lockLeadsOfTokens, settleWebhookEvents, takeWaitingStatements, tokensOfEmails, tokensOfReferences,
  type WaitingStatementRow,
} from '../../db/webhook-events.ts';
import { writeWebhookRows } from '../../db/webhook-facts.ts';
import type { WebhookAct } from '../../domain/webhook.ts';
import { readGround } from './ground.ts';
import { WebhookPlan } from './plan.ts';
import type { EventResult, TakenEvent } from './taken-event.ts';
import { resumeWaiting } from './waiting.ts';

/** By which pseudonyms an event names its person. */
interface Names {
  phone: bigint | null;
  email: bigint | null;
  reference: bigint | null;
  merged: bigint[];
}

/** Whom an event is about, as far as they are known, and under which names it waits where they are not. */
interface Target {
  tokens: bigint[];
  waitFor: bigint[];
}

/**
 * Takes events in, however many and from however many requests, with a few statements: facts, messages to workflows and the
 * record that drops a repetition are one transaction. Each event has a result of its own; they count with the commit.
 */
export async function takeEvents(tx: Tx, vault: Vault, events: readonly TakenEvent[]): Promise<Work<EventResult[]>> {
  const named = events.map((taken) => namesOf(vault, taken));
  const targets = await targetsOf(tx, named, events);
  const learned = named.flatMap((names, nth) => (learns(names, targets[nth]) ? [String(names.reference)] : []));
  const waiting = learned.length === 0 ? [] : await takeWaitingStatements(tx, [...new Set(learned)]);
  const tokens = sorted(targets.flatMap((target) => target.tokens));
  // Asked in one breath, done one after the other: what is read is what there is when the locks are held.
  const [, , known, ground] = await askTogether(
    tx,
    () => lockPersons(tx, { tokens }),
    () => lockLeadsOfTokens(tx, { tokens }),
    () => knownWebhookEvents(tx, { keys: events.map(({ key }) => key) }),
    () => readGround(tx, vault, tokens, actsOf(events, waiting)),
  );
  const plan = new WebhookPlan(ground);
  const seen = new Set(known.map(({ key }) => key));
  const results = events.map((taken, nth) => {
    if (seen.has(taken.key)) return plan.repeat(taken);
    seen.add(taken.key);
    const { tokens: reached, waitFor } = targets[nth] as Target;
    if (learns(named[nth] as Names, targets[nth])) plan.learn(taken, reached, (named[nth] as Names).reference as bigint);
    return plan.add(taken, reached, waitFor);
  });
  const settled = await resumeWaiting(tx, plan, waiting, tokensByReference(named, targets));
  await settleWebhookEvents(tx, settled);
  const now = latestOf(events);
  const sent = writeWebhookRows(tx, plan.rows, now);
  const granted = grantedCalls(plan.rows.consents);
  if (granted.length > 0) {
    // It reads before it writes: unless somebody waits for it, the commit is faster.
    await sent;
    await annulConsents(tx, granted, now);
  }
  return { result: results, sent };
}

function latestOf(events: readonly TakenEvent[]): Date {
  return new Date(Math.max(...events.map(({ receivedAt }) => receivedAt.getTime())));
}

const NAMELESS: Names = { phone: null, email: null, reference: null, merged: [] };

function namesOf(vault: Vault, { event, sender }: TakenEvent): Names {
  if ('problem' in event || event.act === 'ignore' || event.act === 'help') return NAMELESS;
  const tokenOf = (reference: string) => vault.referenceToken(sender.sourceId, reference);
  return {
    phone: event.phone === null ? null : vault.phoneToken(event.phone),
    email: event.email === null ? null : vault.emailToken(event.email),
    reference: event.reference === null ? null : tokenOf(event.reference),
    merged: event.merged.map(tokenOf),
  };
}

/** A number names its person; a reference or an address only where there is none. */
async function targetsOf(db: Db, named: readonly Names[], events: readonly TakenEvent[]): Promise<Target[]> {
  const without = named.filter(({ phone }) => phone === null);
  const references = without.flatMap(({ reference, merged }) => [...merged, ...(reference === null ? [] : [reference])]);
  const emails = without.flatMap(({ email }) => (email === null ? [] : [email]));
  const [byReference, byEmail] = await askTogether(
    db,
    async () => (references.length === 0 ? [] : tokensOfReferences(db, { references: references.map(String) })),
    async () => (emails.length === 0 ? [] : tokensOfEmails(db, { emails: emails.map(String) })),
  );
  const found = (rows: readonly { key: bigint; token: bigint }[], key: bigint | null) => {
    return rows.filter((row) => row.key === key).map(({ token }) => token);
  };
  return named.map(({ phone, email, reference, merged }, nth) => {
    const { event } = events[nth] as TakenEvent;
    if (phone !== null) return { tokens: [phone], waitFor: [phone] };
    if ('act' in event && event.act === 'merge') return { tokens: [...new Set(merged.flatMap((one) => found(byReference, one)))], waitFor: [] };
    const names = [reference, ...merged].filter((key) => key !== null);
    const tokens = [...new Set([...names.flatMap((name) => found(byReference, name)), ...found(byEmail, email)])];
    return { tokens, waitFor: email === null ? names : [...names, email] };
  });
}

/** Whether an event tells by which name its sender calls the person behind a number. */
function learns({ phone, reference, merged }: Names, target: Target | undefined): boolean {
  return reference !== null && (phone !== null || merged.length > 0) && target !== undefined && target.tokens.length > 0;
}

function tokensByReference(named: readonly Names[], targets: readonly Target[]): Map<bigint, bigint[]> {
  const found = new Map<bigint, bigint[]>();
  named.forEach((names, nth) => {
    if (!learns(names, targets[nth]) || names.reference === null) return;
    found.set(names.reference, [...(found.get(names.reference) ?? []), ...(targets[nth]?.tokens ?? [])]);
  });
  return found;
}

function actsOf(events: readonly TakenEvent[], waiting: readonly WaitingStatementRow[]): Set<WebhookAct> {
  return new Set([...events.flatMap(({ event }) => ('act' in event ? [event.act] : [])), ...waiting.map(({ act }) => act)]);
}

/** Each once, in the order in which everybody takes their locks. */
function sorted(tokens: readonly bigint[]): string[] {
  return [...new Set(tokens)].sort((a, b) => (a < b ? -1 : 1)).map(String);
}
