import { publish } from '../../db/subscriber-events.ts';
import type { MessageSender } from './message-sender.ts';

/**
 * The CRM writes to the person: it hears that there is something to ask, and fetches a link for its own message. Of renewals
 * every subscriber hears as soon as they are due, whatever the adapter.
 */
export const crmSender: MessageSender = {
  adapter: 'crm',
  async send({ kind, leadId, requestId }) {
    if (kind === 'renewal') return { sent: true, messageId: null };
    return {
      sent: true,
      messageId: null,
      alongside: (tx, now) => publish(tx, [{ type: 'consent.confirmation-requested', leadId, factId: requestId, at: now }], now),
    };
  },
  /** The same of a code: it is fetched with POST /v1/subject-requests/{id}/message, and stands in no event. */
  async sendCode({ leadId, requestId, kind }) {
    return {
      sent: true,
      messageId: null,
      alongside: (tx, now) => {
        return publish(tx, [{ type: 'subject-request.code-requested', leadId, factId: requestId, at: now, words: { kind } }], now);
      },
    };
  },
};
