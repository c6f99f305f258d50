import type { RequestedConsent } from '../../db/confirmations.ts';
import { fill, writtenDay, type Language } from '../../domain/wording/language.ts';
import { statementOf, WORDINGS, type Statement } from '../../domain/wording/wordings.ts';
import { escapeHtml } from '../html.ts';
import type { Answer } from '../route.ts';
import { answerPage } from './document.ts';
import { lead } from './notices.ts';

export interface Question {
  kind: 'confirmation' | 'renewal';
  company: string;
  consents: readonly RequestedConsent[];
  expiresAt: Date;
}

/** The words that a visitor agrees to by pressing the button: what stands on the page, and what is kept. */
export function statementFor(language: Language, { kind, company, consents }: Question): Statement {
  return statementOf(language, kind, company, consents);
}

/** Asks for a yes. To look at it changes nothing. */
export function questionPage(language: Language, question: Question): Answer {
  const { kind, company, consents, expiresAt } = question;
  const wording = WORDINGS[language];
  const asking = wording[kind];
  const end = consents.map((consent) => consent.expiresAt).find((moment) => moment !== null);
  const intro = fill(asking.intro, { company, date: end ? writtenDay(language, end) : '' });
  const content = `${lead(intro)}
<div class="card">
<h2>${escapeHtml(wording.asked.what)}</h2>
<blockquote>${statementFor(language, question).parts.map(paragraph).join('')}</blockquote>
<form method="post" class="ask"><input type="hidden" name="action" value="confirm"><button>${escapeHtml(asking.button)}</button></form>
</div>
<p>${escapeHtml(wording.asked.revocable)}</p>
<p>${escapeHtml(asking.otherwise)}</p>
<p class="hint">${escapeHtml(fill(wording.asked.until, { date: writtenDay(language, expiresAt) }))}</p>`;
  return answerPage({ status: 200, language, title: asking.title, company, content });
}

function paragraph({ text, language }: Statement['parts'][number]): string {
  return `<p lang="${escapeHtml(language)}">${escapeHtml(text)}</p>`;
}

/** Says that it is done, and where it can be undone. */
export function donePage(language: Language, { kind, company }: Pick<Question, 'kind' | 'company'>, preferences: string): Answer {
  const wording = WORDINGS[language];
  const content = `${lead(fill(wording[kind].done, { company }))}
<p>${escapeHtml(wording.asked.revocable)}</p>
<p><a href="${escapeHtml(preferences)}">${escapeHtml(wording.manage)}</a></p>`;
  return answerPage({ status: 200, language, title: wording[kind].doneTitle, company, content });
}
