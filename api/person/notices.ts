import type { IncomingMessage } from 'node:http';
import { currentSettings } from '../../db/settings.ts';
import type { Db } from '../../db/connection.ts';
import type { ProblemCode } from '../../domain/problem.ts';
import { fill, type Language } from '../../domain/wording/language.ts';
import { WORDINGS } from '../../domain/wording/wordings.ts';
import { leadsToForgotten } from '../../intake/person-links.ts';
import { escapeHtml } from '../html.ts';
import type { Answer } from '../route.ts';
import { answerPage, documentOf } from './document.ts';
import { languageOfVisitor } from './visitor.ts';

/**
 * What every link leads to that cannot be used, whether it is unknown, used or expired: nobody learns which. Only whose data was
 * destroyed is told so, by a link that would lead somewhere still, and nothing else.
 */
export async function gonePage(db: Db, language: Language, { token, now }: { token: string; now: Date }): Promise<Answer> {
  const { settings: { company: { name: company } } } = await currentSettings(db);
  const { problem } = WORDINGS[language];
  if (await leadsToForgotten(db, token, now)) {
    const content = lead(fill(problem.forgotten, { company }));
    return answerPage({ status: 404, language, title: problem.forgottenTitle, company, content });
  }
  return answerPage({ status: 404, language, title: problem.goneTitle, company, content: lead(fill(problem.gone, { company })) });
}

/** A refusal in words for people. */
export function refusalPage(code: ProblemCode, status: number, request: IncomingMessage): { language: Language; html: string } {
  const language = languageOfVisitor(request);
  const { problem } = WORDINGS[language];
  const [title, text] = code === 'too_many_requests' ? [problem.busyTitle, problem.busy] : [problem.errorTitle, problem.error];
  return { language, html: documentOf({ status, language, title, company: null, content: lead(text) }) };
}

/** The sentence below a heading. */
export function lead(text: string): string {
  return `<p class="lead">${escapeHtml(text)}</p>`;
}
