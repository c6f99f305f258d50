import { ApplicationFailure, Context } from '@temporalio/activity';
import { languageOfConsents } from '../db/consents.ts';
import { findSubjectCode, settleCode, type SubjectCode } from '../db/subject-codes.ts';
import { changeSubjectRequest, findSubjectRequest, lockSubjectRequest, type SubjectRequestRow } from '../db/subject-requests.ts';
import { addStep } from '../db/subject-steps.ts';
import { currentSettings } from '../db/settings.ts';
import type { Db } from '../db/connection.ts';
import { plus } from '../domain/civil-time.ts';
import { CODE_VALID_FOR } from '../domain/subject-request.ts';
import { languageOf, type Language } from '../domain/wording/language.ts';
import type { ConfirmationDependencies } from './confirmation.ts';
import { interrupted } from './interruption.ts';
import type { Sent } from './messaging/message-sender.ts';
import { createSender } from './messaging/senders.ts';

/** How a code went, as the history of its request shows it. */
export interface CodeSent {
  outcome: 'sent' | 'settled_before' | 'not_needed' | 'no_address' | 'rejected';
  adapter: string;
}

const HEARTBEAT_MS = 2_000;

/** The activity by which a person is sent a code, to the address that is held. */
export function createSubjectCodeActivities({ db, vault, messaging, now, log }: ConfirmationDependencies) {
  const sender = createSender({ db, vault, log }, messaging);

  async function carryOut(code: SubjectCode, request: SubjectRequestRow): Promise<CodeSent> {
    if (request.ended_at) return settle(code, { sent: false, failure: 'not_needed' });
    const { settings } = await currentSettings(db);
    const { request_id: requestId, lead_id: leadId } = code;
    const language = await languageFor(db, request);
    const due = { codeId: code.id, requestId, leadId, kind: request.kind, language, company: settings.company.name };
    return settle(code, await sender.sendCode(due, now()));
  }

  async function settle(code: SubjectCode, sent: Sent | { sent: false; failure: 'not_needed' }): Promise<CodeSent> {
    const at = now();
    const { adapter } = sender;
    const settlement = sent.sent ? { sent_at: at, expires_at: plus(at, CODE_VALID_FOR) } : { failure: sent.failure };
    return db.transaction().execute(async (tx) => {
      const request = await lockSubjectRequest(tx, code.request_id);
      if (!request || !(await settleCode(tx, code.id, { adapter, ...settlement }))) return { outcome: 'settled_before', adapter };
      const word = sent.sent ? adapter : sent.failure;
      await addStep(tx, request.id, { kind: sent.sent ? 'code_sent' : 'code_not_sent', by: 'leadwarden', word, factId: code.id }, at);
      // Only our own mail tells the person that the request is taken care of; of the others we do not know yet.
      const isTold = sent.sent && adapter === 'smtp';
      if (isTold) await changeSubjectRequest(tx, request.id, { acknowledged_at: request.acknowledged_at ?? at });
      if (sent.sent) await sent.alongside?.(tx, at);
      return { outcome: sent.sent ? 'sent' : sent.failure, adapter };
    });
  }

  return {
    /**
     * Sends a code, unless that is done or the request has ended. While the way is blocked it fails, to be tried again: a mail
     * that goes out twice brings the same code, under the same id.
     */
    async sendSubjectCode(codeId: string): Promise<CodeSent> {
      const context = Context.current();
      const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
      try {
        const code = await findSubjectCode(db, codeId);
        const request = code && (await findSubjectRequest(db, code.request_id));
        if (!request) throw ApplicationFailure.nonRetryable('There is no code of this id in the database.', 'unknown_code');
        if (code.sent_at ?? code.failure ?? code.handed_at) return { outcome: 'settled_before', adapter: sender.adapter };
        return await carryOut(code, request);
      } catch (error) {
        throw interrupted(error, 'message');
      } finally {
        clearInterval(beat);
      }
    },
  };
}

const SPOKEN_IN: Record<string, Language> = { DE: 'de', AT: 'de', FR: 'fr', CN: 'zh' };

/** The language in which the person agreed to something, else that of where they may be, where it is one of ours. */
async function languageFor(db: Db, { lead_id: leadId, jurisdictions }: SubjectRequestRow): Promise<Language> {
  const agreedIn = leadId === null ? null : await languageOfConsents(db, leadId);
  const places = jurisdictions.flatMap((place) => SPOKEN_IN[place] ?? []);
  return languageOf(agreedIn ?? '') ?? places[0] ?? 'en';
}
