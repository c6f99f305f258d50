import { ApplicationFailure, Context } from '@temporalio/activity';
import {
  findConfirmationRequest, markTried, requestsOfLead, settleRequest, type ConfirmationRequestRow, type RequestedConsent,
} from '../db/confirmations.ts';
import type { Db } from '../db/connection.ts';
import { openFact } from '../db/person-records.ts';
import { currentSettings } from '../db/settings.ts';
import type { Vault } from '../db/vault.ts';
import { mayBeAsked } from '../domain/confirmation.ts';
import type { ConsentEvidence } from '../domain/consent.ts';
import { languageOf, LANGUAGES, type Language } from '../domain/wording/language.ts';
import { peopleOfLeads } from '../gate/people.ts';
import { inTheirLanguage, openConsents } from '../intake/confirmations.ts';
import { interrupted } from './interruption.ts';
import type { DueMessage, Sent } from './messaging/message-sender.ts';
import type { RequestLog } from './messaging/log-sender.ts';
import { createSender, type MessagingSettings } from './messaging/senders.ts';

export interface ConfirmationDependencies {
  db: Db;
  vault: Vault;
  messaging: MessagingSettings;
  now: () => Date;
  log: RequestLog;
}

/** How a request for confirmation ended, as the history of its lead shows it. */
export interface ConfirmationSent {
  outcome: 'sent' | 'settled_before' | 'not_needed' | 'no_address' | 'rejected';
  adapter: string;
}

const HEARTBEAT_MS = 2_000;

/** The activity by which a person is asked to confirm a consent, or to give it anew. */
export function createConfirmationActivities({ db, vault, messaging, now, log }: ConfirmationDependencies) {
  const sender = createSender({ db, vault, log }, messaging);

  async function carryOut(request: ConfirmationRequestRow): Promise<ConfirmationSent> {
    const message = await messageOf({ db, vault }, request, now());
    if (!message) return settle(request, { sent: false, failure: 'not_needed' });
    await markTried(db, request.id, sender.adapter, now());
    return settle(request, await sender.send(message, now()));
  }

  async function settle({ id }: ConfirmationRequestRow, sent: Sent | { sent: false; failure: 'not_needed' }): Promise<ConfirmationSent> {
    const at = now();
    const settlement = sent.sent ? { sent_at: at, message_id: sent.messageId } : { failed_at: at, failure: sent.failure };
    return db.transaction().execute(async (tx) => {
      if (!(await settleRequest(tx, id, settlement))) return { outcome: 'settled_before', adapter: sender.adapter };
      if (sent.sent) await sent.alongside?.(tx, at);
      return { outcome: sent.sent ? 'sent' : sent.failure, adapter: sender.adapter };
    });
  }

  return {
    /**
     * Sends the message of a request, unless that is done or there is nothing left to ask. While the way is blocked it fails, to
     * be tried again; each attempt looks anew whether it still has to be sent.
     */
    async requestConfirmation(requestId: string): Promise<ConfirmationSent> {
      const context = Context.current();
      const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
      try {
        const request = await findConfirmationRequest(db, requestId);
        if (!request) throw ApplicationFailure.nonRetryable('There is no request of this id in the database.', 'unknown_confirmation');
        if (request.sent_at ?? request.failed_at) return { outcome: 'settled_before', adapter: sender.adapter };
        return await carryOut(request);
      } catch (error) {
        throw interrupted(error, 'message');
      } finally {
        clearInterval(beat);
      }
    },
  };
}

type Store = Pick<ConfirmationDependencies, 'db' | 'vault'>;

/** What is to be sent; null when the person has answered, may not be written to any more, or a later request has taken over. */
async function messageOf(store: Store, request: ConfirmationRequestRow, at: Date): Promise<DueMessage | null> {
  const { id, lead_id: leadId, kind } = request;
  const consents = await store.db.transaction().execute((tx) => openConsents(tx, request, at));
  const person = (await peopleOfLeads(store.db, [leadId], at)).get(leadId);
  const { settings } = await currentSettings(store.db);
  const same = (await requestsOfLead(store.db, leadId)).filter((other) => {
    return other.kind === kind && other.consentIds.some((consent) => request.consent_ids.includes(consent));
  });
  const isOvertaken = same.some((other) => other.requestedAt > request.requested_at);
  const allowed = consents.filter(({ channel }) => person && mayBeAsked(channel, person.facts, at));
  const askable = await inTheirLanguage(store.db, store.vault, leadId, allowed);
  if (askable.length === 0 || isOvertaken || person?.facts.lead?.disposedAt) return null;
  return {
    requestId: id,
    leadId,
    kind,
    reminder: same.filter((other) => other.requestedAt < request.requested_at).length,
    consents: askable,
    language: await languageFor(store, leadId, askable),
    company: settings.company.name,
    linkValidFor: settings.confirmation.linkValidFor,
  };
}

/** The language in which the person agreed, where it is one of ours. */
async function languageFor({ db, vault }: Store, leadId: string, consents: readonly RequestedConsent[]): Promise<Language> {
  for (const { text, consentId } of consents) {
    const evidence = text ? null : ((await openFact(db, vault, leadId, consentId)) as ConsentEvidence | null);
    const language = languageOf(text?.language ?? evidence?.language ?? '');
    if (language) return language;
  }
  return LANGUAGES[0];
}
