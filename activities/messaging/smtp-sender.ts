import { createTransport, type SendMailOptions } from 'nodemailer';
import type { Db } from '../../db/connection.ts';
import { openPersonRecords } from '../../db/person-records.ts';
import type { Vault } from '../../db/vault.ts';
import { plus } from '../../domain/civil-time.ts';
import { CODE_VALID_FOR } from '../../domain/subject-request.ts';
import { mintLink, pageUrl } from '../../intake/person-links.ts';
import { foldRecords, type PersonalRecord } from '../../intake/personal-record.ts';
import { codeText } from './code-text.ts';
import { mailText } from './mail-text.ts';
import type { DueMessage, MessageSender, Sent } from './message-sender.ts';

export interface SmtpSettings {
  /** `smtp://user:password@host:port`, or `smtps://`. */
  smtpUrl: string;
  /** The address that messages come from, with or without a name. */
  mailFrom: string;
  /** Where persons reach their pages. */
  publicUrl: string;
}

const PATIENCE_MS = 15_000;
/** Who keeps a message can end everything with it for a year. */
const PREFERENCES_VALID_FOR = 'P1Y';

/**
 * Sends mails. A request has one Message-ID, whoever sends it and however often: should a worker die between sending and
 * recording, the mail that is sent again is the same one to every server and program that compares ids.
 */
export function createSmtpSender(
  { db, vault }: { db: Db; vault: Vault }, { smtpUrl, mailFrom, publicUrl }: SmtpSettings,
): MessageSender {
  const transport = createTransport({
    url: smtpUrl, connectionTimeout: PATIENCE_MS, greetingTimeout: PATIENCE_MS, socketTimeout: PATIENCE_MS,
    disableFileAccess: true, disableUrlAccess: true,
  });

  async function linksOf({ leadId, requestId, linkValidFor }: DueMessage, now: Date) {
    const until = plus(now, linkValidFor);
    const confirm = await mintLink(db, { leadId, kind: 'confirmation', requestId, expiresAt: until }, now);
    const preferences = await mintLink(db, { leadId, kind: 'preferences', expiresAt: plus(now, PREFERENCES_VALID_FOR) }, now);
    return { confirm: pageUrl(publicUrl, 'confirmation', confirm), preferences: pageUrl(publicUrl, 'preferences', preferences), until };
  }

  async function deliver(mail: SendMailOptions): Promise<Sent> {
    try {
      await transport.sendMail(mail);
    } catch (error) {
      if (isRefusedForGood(error)) return { sent: false, failure: 'rejected' };
      throw error;
    }
    return { sent: true, messageId: mail.messageId ?? null };
  }

  return {
    adapter: 'smtp',
    async send(message, now): Promise<Sent> {
      const to = await addressOf(db, vault, message.leadId);
      if (to === null) return { sent: false, failure: 'no_address' };
      const links = await linksOf(message, now);
      return deliver({
        ...headOf(to, message.requestId, now),
        ...mailText(message, links),
        headers: {
          'List-Unsubscribe': `<${links.preferences}>`,
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          'Auto-Submitted': 'auto-generated',
        },
      });
    },
    async sendCode(due, now): Promise<Sent> {
      const to = await addressOf(db, vault, due.leadId);
      if (to === null) return { sent: false, failure: 'no_address' };
      const { leadId, requestId } = due;
      const token = await mintLink(db, { leadId, kind: 'request', requestId, expiresAt: plus(now, CODE_VALID_FOR) }, now);
      const text = codeText(due, vault.oneTimeCode(due.codeId), pageUrl(publicUrl, 'request', token));
      return deliver({ ...headOf(to, due.codeId, now), ...text, headers: { 'Auto-Submitted': 'auto-generated' } });
    },
  };

  function headOf(to: string, id: string, now: Date) {
    return { from: mailFrom, to: { name: '', address: to }, messageId: `<${id}@${domainOf(mailFrom)}>`, date: now };
  }
}

async function addressOf(db: Db, vault: Vault, leadId: string): Promise<string | null> {
  const records = (await openPersonRecords(db, vault, [leadId])).get(leadId) as PersonalRecord[] | undefined;
  return foldRecords(records ?? []).email ?? null;
}

function domainOf(address: string): string {
  return /@([\w.-]+)/.exec(address)?.[1] ?? 'localhost';
}

/** The server will not take it for this recipient, whoever asks and whenever: RFC 5321, 4.2.1. */
function isRefusedForGood(error: unknown): boolean {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  return code === 'EENVELOPE' && typeof responseCode === 'number' && responseCode >= 500;
}
