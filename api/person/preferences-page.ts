import { fill, writtenDay, type Language, type Wording } from '../../domain/wording/language.ts';
import { scopeWords, WORDINGS } from '../../domain/wording/wordings.ts';
import { RIGHTS } from '../../domain/wording/rights.ts';
import { SUBJECT_REQUEST_KINDS } from '../../domain/subject-request.ts';
import { escapeHtml } from '../html.ts';
import type { Answer } from '../route.ts';
import type { Choice, Held } from './choices.ts';
import { answerPage } from './document.ts';
import { lead } from './notices.ts';

/** What is wrong with a form, the field it is about, and what else was in it. */
export interface Trouble {
  field: 'kind' | 'statement' | null;
  text: string;
  kind?: string;
  statement?: string;
}

const MOST_CHARACTERS = 2_000;

/** Everything that a person can see and decide. `said` is what has just been done. */
export function preferencesPage(
  language: Language, held: Held, { said, trouble }: { said?: string; trouble?: Trouble } = {},
): Answer {
  const wording = WORDINGS[language];
  const words = wording.preferences;
  const content = [
    trouble ? troubleBox(wording, trouble) : '',
    said === undefined ? '' : `<p class="said" role="status">${escapeHtml(said)}</p>`,
    lead(fill(words.intro, { company: held.company })),
    section('permissions', words.permissions, choiceList(language, held)),
    section('everything', words.everything, `<p>${escapeHtml(words.everythingHint)}</p>${button('withdraw_all', words.withdrawEverything, 'stop')}`),
    section('held', words.held, heldList(language, held)),
    held.requests.length === 0 ? '' : section('requests', RIGHTS[language].page.own, requestList(language, held.requests)),
    section('request', words.request, requestForm(wording, trouble)),
  ].join('\n');
  const news = trouble ? wording.problem.summary : said;
  const status = trouble ? 422 : 200;
  const { title } = words;
  return answerPage({ status, language, ...(news === undefined ? {} : { news }), title, company: held.company, content });
}

function troubleBox({ problem }: Wording, { field, text }: Trouble): string {
  const words = escapeHtml(text);
  const place = field === null ? words : `<a href="#${field === 'kind' ? 'kind-access' : 'statement'}">${words}</a>`;
  return `<div class="trouble" role="alert" tabindex="-1" autofocus aria-labelledby="trouble"><h2 id="trouble">${escapeHtml(problem.summary)}</h2><p>${place}</p></div>`;
}

export function section(id: string, heading: string, content: string): string {
  return `<section aria-labelledby="${id}"><h2 id="${id}">${escapeHtml(heading)}</h2>\n${content}</section>`;
}

function choiceList(language: Language, { company, choices }: Held): string {
  const { preferences: words } = WORDINGS[language];
  if (choices.length === 0) return `<p>${escapeHtml(words.noPermissions)}</p>`;
  return `<ul class="choices">${choices.map((choice) => choiceItem(language, company, choice)).join('\n')}</ul>`;
}

function choiceItem(language: Language, company: string, choice: Choice): string {
  const { channel, purpose, state } = choice;
  const wording = WORDINGS[language];
  const scope = scopeWords(wording, channel, purpose);
  const isOpen = state === 'granted' || state === 'unconfirmed';
  const { withdraw, allow, allowStatement } = wording.preferences;
  const fields = { channel, purpose };
  const hint = isOpen ? '' : `<p class="hint">${escapeHtml(fill(allowStatement, { company, scope }))}</p>`;
  return `<li><div><p><strong>${escapeHtml(scope)}</strong></p><p class="state${state === 'granted' ? ' granted' : ''}">${escapeHtml(stateWords(language, choice))}</p>${hint}</div>
${isOpen ? button('withdraw', withdraw, 'quiet', fields, scope) : button('allow', allow, 'quiet', fields, scope)}</li>`;
}

function stateWords(language: Language, { state, since, until }: Choice): string {
  const { preferences: words } = WORDINGS[language];
  const values = { date: writtenDay(language, since), until: until ? writtenDay(language, until) : '' };
  switch (state) {
    case 'granted': return fill(until ? words.grantedUntil : words.granted, values);
    case 'unconfirmed': return fill(words.unconfirmed, values);
    case 'revoked': return fill(words.revoked, values);
    case 'stopped': return fill(words.stopped, values);
    case 'expired':
    case 'none': return words.expired;
  }
}

/** A form that is one button; `about` is heard and not seen. */
export function button(action: string, label: string, look: string, fields: Record<string, string> = {}, about = ''): string {
  const inputs = Object.entries({ action, ...fields }).map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`);
  const heard = about === '' ? '' : `<span class="hidden">: ${escapeHtml(about)}</span>`;
  return `<form method="post">${inputs.join('')}<button class="${look}">${escapeHtml(label)}${heard}</button></form>`;
}

function heldList(language: Language, { name, phone, email, isArchived, sources }: Held): string {
  const { preferences: words } = WORDINGS[language];
  const known = sources.map(({ name: source, acquiredAt }) => {
    return fill(words.acquired, { source, date: writtenDay(language, acquiredAt) });
  });
  const shown = (value: string | null) => escapeHtml(value ?? (isArchived ? words.archived : words.nothing));
  const rows: [string, string][] = [
    [words.name, shown(name)],
    [words.phone, shown(phone)],
    [words.email, shown(email)],
    [words.sources, `<ul>${known.map((source) => `<li>${escapeHtml(source)}</li>`).join('')}</ul>`],
  ];
  return `<dl>${rows.map(([term, value]) => `<div><dt>${escapeHtml(term)}</dt><dd>${value}</dd></div>`).join('')}</dl>`;
}

function requestList(language: Language, requests: Held['requests']): string {
  const { kinds } = WORDINGS[language].preferences;
  const { page: words } = RIGHTS[language];
  const items = requests.map(({ id, kind, state, requested_at: asked }) => {
    const said = fill(words.asked, { request: kinds[kind], date: writtenDay(language, asked) });
    return `<li><div><p><strong>${escapeHtml(said)}</strong></p><p class="state">${escapeHtml(words.states[state])}</p></div>
${button('open', words.open, 'quiet', { request: id }, said)}</li>`;
  });
  return `<ul class="choices">${items.join('\n')}</ul>`;
}

function requestForm({ preferences: words }: Wording, trouble: Trouble | undefined): string {
  const wrong = (field: Trouble['field']) => (trouble?.field === field ? `<p class="wrong" id="${field}-wrong">${escapeHtml(trouble.text)}</p>` : '');
  const described = (field: Trouble['field'], ...ids: string[]) => {
    const all = [...ids, ...(trouble?.field === field ? [`${field}-wrong`] : [])];
    return all.length > 0 ? ` aria-describedby="${all.join(' ')}"` : '';
  };
  const kinds = SUBJECT_REQUEST_KINDS.map((kind) => {
    const checked = trouble?.kind === kind ? ' checked' : '';
    return `<label class="radio"><input type="radio" name="kind" id="kind-${kind}" value="${kind}"${checked}> <span>${escapeHtml(words.kinds[kind])}</span></label>`;
  });
  return `<p>${escapeHtml(words.requestHint)}</p>
<form method="post" class="ask"><input type="hidden" name="action" value="request">
<fieldset${described('kind')}><legend>${escapeHtml(words.kind)}</legend>${wrong('kind')}
${kinds.join('\n')}</fieldset>
<label class="label" for="statement">${escapeHtml(words.statement)}</label>
<p class="hint" id="statement-hint">${escapeHtml(words.statementHint)}</p>${wrong('statement')}
<textarea id="statement" name="statement" maxlength="${MOST_CHARACTERS}"${described('statement', 'statement-hint')}>${escapeHtml(trouble?.statement ?? '')}</textarea>
<button>${escapeHtml(words.send)}</button></form>`;
}
