import type { z } from 'zod';
import { fill, writtenDay, type Language } from '../../domain/wording/language.ts';
import { RIGHTS } from '../../domain/wording/rights.ts';
import { needsCode } from '../../domain/subject-request.ts';
import { WORDINGS } from '../../domain/wording/wordings.ts';
import { escapeHtml } from '../html.ts';
import type { Answer } from '../route.ts';
import type { subjectRequest } from '../subject-request-bodies.ts';
import { answerPage } from './document.ts';
import { lead } from './notices.ts';
import { button, section } from './preferences-page.ts';

/** A request as whoever has a link to it may see it. */
export interface ShownRequest extends z.infer<typeof subjectRequest> {
  company: string;
  /** Of the link that led here, for those that lead on. */
  token: string;
  /** Masked: where a code goes. */
  address: string | null;
  wasCodeSent: boolean;
  wasCodeRefused: boolean;
  /** The code was entered behind this link. */
  isVerified: boolean;
  /** There is something to be fetched. */
  hasAnswer: boolean;
  until: Date;
  isHeld: boolean;
}

/** What became of a request, and what its person can do about it. `said` is what has just been done, `trouble` what was wrong. */
export function requestPage(
  language: Language, shown: ShownRequest, { said, trouble }: { said?: string; trouble?: string } = {},
): Answer {
  const words = RIGHTS[language].page;
  const { problem, preferences: { kinds } } = WORDINGS[language];
  const isOpen = shown.endedAt === null;
  const asked = fill(words.asked, { request: kinds[shown.kind], date: writtenDay(language, new Date(shown.requestedAt)) });
  const content = [
    trouble === undefined ? '' : `<div class="trouble" role="alert" tabindex="-1" autofocus aria-labelledby="trouble"><h2 id="trouble">${escapeHtml(problem.summary)}</h2><p><a href="#code">${escapeHtml(trouble)}</a></p></div>`,
    said === undefined ? '' : `<p class="said" role="status">${escapeHtml(said)}</p>`,
    lead(asked),
    section('state', words.states[shown.state], stateContent(language, shown)),
    isOpen && shown.identifiedAt === null && needsCode(shown.kind) ? section('identity', words.code, codeContent(language, shown, trouble)) : '',
    shown.hasAnswer ? section('answer', words.answer, answerLinks(language, shown)) : '',
    isOpen && shown.isVerified && shown.kind !== 'erasure' ? button('withdraw', words.withdraw, 'quiet') : '',
  ].join('\n');
  const news = trouble === undefined ? said : problem.summary;
  const status = trouble === undefined ? 200 : 422;
  return answerPage({
    status, language, ...(news === undefined ? {} : { news }), title: words.title, company: shown.company, content,
  });
}

function stateContent(language: Language, shown: ShownRequest): string {
  const { company, dueAt, endedAt, kind, identifiedAt, kept, isHeld, state } = shown;
  const words = RIGHTS[language].page;
  const due = endedAt === null && dueAt !== null ? `<p>${escapeHtml(fill(words.due, { date: writtenDay(language, new Date(dueAt)) }))}</p>` : '';
  if (kind !== 'erasure' || identifiedAt === null) return due || `<p>${escapeHtml(company)}</p>`;
  if (state === 'fulfilled' && kept !== null) return keptContent(language, company, kept);
  const what = state === 'fulfilled' ? words.inFull : isHeld ? words.held : words.erasing;
  return `<p>${escapeHtml(fill(what, { company }))}</p>${due}`;
}

function keptContent(language: Language, company: string, kept: NonNullable<ShownRequest['kept']>): string {
  const words = RIGHTS[language].page;
  const lines = keptLines(language, kept).map((each) => `<li>${escapeHtml(each)}</li>`);
  return `<p>${escapeHtml(fill(words.inPart, { company }))}</p><ul class="facts">${lines.join('')}</ul>`;
}

/** What the law has kept, in words: what it is, until when, by which rule. */
export function keptLines(language: Language, kept: NonNullable<ShownRequest['kept']>): string[] {
  const words = RIGHTS[language].page;
  return kept.map(({ protects, jurisdiction, source, until }) => fill(words.keptUntil, {
    what: words.protects[protects] ?? protects,
    date: writtenDay(language, new Date(until)),
    source: [jurisdiction, source].filter((part) => part !== null).join(', '),
  }));
}

function codeContent(
  language: Language, { address, company, wasCodeSent, wasCodeRefused }: ShownRequest, trouble: string | undefined,
): string {
  const words = RIGHTS[language].page;
  const hint = wasCodeRefused || (address === null && !wasCodeSent) ? fill(words.codeNotSent, { company }) : fill(words.codeHint, { address: address ?? '***' });
  const wrong = trouble === undefined ? '' : `<p class="wrong" id="code-wrong">${escapeHtml(trouble)}</p>`;
  const described = `code-hint${trouble === undefined ? '' : ' code-wrong'}`;
  return `<p id="code-hint">${escapeHtml(hint)}</p>
${button('send', words.send, wasCodeSent ? 'quiet' : '')}
<form method="post" class="ask"><input type="hidden" name="action" value="verify">
<label class="label" for="code">${escapeHtml(words.codeLabel)}</label>${wrong}
<input class="code" id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="20" aria-describedby="${described}"${trouble === undefined ? '' : ' aria-invalid="true"'}>
<button>${escapeHtml(words.codeButton)}</button></form>`;
}

function answerLinks(language: Language, { kind, until, token }: ShownRequest): string {
  const words = RIGHTS[language].page;
  const all = [['html', words.document], ['json', words.json], ['csv', words.csv]] as const;
  const links = all
    .filter(([format]) => kind === 'portability' ? format !== 'html' : format !== 'csv')
    .map(([format, label], index) => `<li><a class="button${index === 0 ? '' : ' quiet'}" href="${escapeHtml(token)}/answer?format=${format}">${escapeHtml(label)}</a></li>`);
  return `<p>${escapeHtml(fill(words.answerHint, { date: writtenDay(language, until) }))}</p><ul class="buttons">${links.join('')}</ul>`;
}

/** Says that what was archived is on its way. */
export function notYetPage(language: Language, company: string): Answer {
  const words = RIGHTS[language].page;
  return answerPage({ status: 200, language, title: words.title, company, content: lead(words.notYet) });
}
