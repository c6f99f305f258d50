import { fill } from '../../domain/wording/language.ts';
import { RIGHTS } from '../../domain/wording/rights.ts';
import { WORDINGS } from '../../domain/wording/wordings.ts';
import { escapeText, page, paragraph, type MailText } from './mail-text.ts';
import type { DueCode } from './message-sender.ts';

/**
 * The mail that brings a code, in the person's language: what it is for, where to enter it, and what to do if it was not them.
 */
export function codeText({ kind, language, company }: DueCode, code: string, url: string): MailText {
  const { mail, preferences: { kinds } } = WORDINGS[language];
  const words = RIGHTS[language].mail;
  const shown = `${code.slice(0, 4)} ${code.slice(4)}`;
  const intro = fill(words.intro, { company, request: kinds[kind] });
  const regards = fill(mail.regards, { company });
  return {
    subject: `${company}: ${words.subject}`,
    text: [mail.greeting, intro, shown, words.enter, url, words.until, words.otherwise, regards].join('\n\n'),
    html: page(language, words.subject, [
      paragraph(mail.greeting), paragraph(intro),
      `<p style="margin:0 0 16px;font-size:28px;letter-spacing:3px;font-weight:600">${escapeText(shown)}</p>`,
      paragraph(words.enter),
      `<p style="margin:0 0 16px"><a href="${escapeText(url)}" style="color:#1f5f8b">${escapeText(words.open)}</a></p>`,
      paragraph(words.until), paragraph(words.otherwise), paragraph(regards),
    ]),
  };
}
