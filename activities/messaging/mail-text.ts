import { fill, writtenDay } from '../../domain/wording/language.ts';
import { statementOf, WORDINGS } from '../../domain/wording/wordings.ts';
import type { DueMessage } from './message-sender.ts';

/** A mail, in plain text and as a simple page. */
export interface MailText {
  subject: string;
  text: string;
  html: string;
}

interface Links {
  confirm: string;
  preferences: string;
  until: Date;
}

/** What a person is written, in their language. */
export function mailText(message: DueMessage, { confirm, preferences, until }: Links): MailText {
  const { kind, reminder, language, company, consents } = message;
  const wording = WORDINGS[language];
  const { mail, asked } = wording;
  const asking = wording[kind];
  const ends = consents.map(({ expiresAt }) => expiresAt).find((end) => end !== null);
  const values = { company, date: ends ? writtenDay(language, ends) : '' };
  const subject = fill(kind === 'renewal' ? mail.renewal : reminder > 0 ? mail.reminder : mail.confirmation, values);
  const statement = statementOf(language, kind, company, consents).text;
  const intro = fill(asking.intro, values);
  const limit = fill(asked.until, { date: writtenDay(language, until) });
  const hint = fill(mail.preferences, values);
  const regards = fill(mail.regards, values);
  return {
    subject: `${company}: ${subject}`,
    text: [
      mail.greeting, intro, `${asked.what}:`, statement, mail.press, confirm, limit, asking.otherwise, hint, preferences, regards,
    ].join('\n\n'),
    html: page(language, subject, [
      paragraph(mail.greeting), paragraph(intro), paragraph(`${asked.what}:`),
      `<blockquote style="margin:0 0 16px;padding:12px 16px;background:#f3f5f8;border-left:3px solid #1f5f8b">${lines(statement)}</blockquote>`,
      `<p style="margin:0 0 16px"><a href="${escapeText(confirm)}" style="display:inline-block;padding:12px 20px;background:#1f5f8b;color:#fff;text-decoration:none;border-radius:6px">${escapeText(asking.button)}</a></p>`,
      paragraph(limit), paragraph(asking.otherwise),
      `<p style="margin:24px 0 0;font-size:14px;color:#555">${escapeText(hint)} <a href="${escapeText(preferences)}" style="color:#1f5f8b">${escapeText(wording.manage)}</a><br>${escapeText(regards)}</p>`,
    ]),
  };
}

/** A mail as a simple page, out of parts that are HTML. */
export function page(language: string, title: string, parts: readonly string[]): string {
  const body = parts.join('\n');
  return `<!doctype html>\n<html lang="${language}"><head><meta charset="utf-8"><title>${escapeText(title)}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 sans-serif;color:#1c2430"><div style="max-width:560px">\n${body}\n</div></body></html>\n`;
}

export function paragraph(text: string): string {
  return `<p style="margin:0 0 16px">${lines(text)}</p>`;
}

function lines(text: string): string {
  return escapeText(text).replaceAll('\n', '<br>');
}

export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
