import type { MessageSender } from './message-sender.ts';

export interface RequestLog {
  info(facts: object, message: string): void;
}

/** Nobody is written to: a line says that somebody would be, by ids only. A link can be had from the API. */
export function createLogSender(log: RequestLog): MessageSender {
  return {
    adapter: 'log',
    async send({ kind, leadId, requestId }) {
      log.info({ kind, leadId, requestId }, 'a person is to be asked; mint a link with POST /v1/confirmations/{id}/link');
      return { sent: true, messageId: null };
    },
    async sendCode({ kind, leadId, requestId }) {
      log.info({ kind, leadId, requestId }, 'a person is to be sent a code; fetch it with POST /v1/subject-requests/{id}/message');
      return { sent: true, messageId: null };
    },
  };
}
