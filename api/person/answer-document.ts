import type { Channel, Purpose } from '../../domain/consent.ts';
import { fill, writtenDay, type Language } from '../../domain/wording/language.ts';
import { RIGHTS } from '../../domain/wording/rights.ts';
import { scopeWords, WORDINGS } from '../../domain/wording/wordings.ts';
import type { HandedOver } from '../../endings/handing-over.ts';
import { escapeHtml } from '../html.ts';
import { documentOf } from './document.ts';
import { lead } from './notices.ts';
import { keptLines } from './request-page.ts';

/** Everything that is held, as a document to be read, printed or kept: the same facts as in the file for programs. */
export function answerDocument(language: Language, held: HandedOver): string {
  const { document: words } = RIGHTS[language];
  const date = writtenDay(language, new Date(held.preparedAt));
  const moreClearances = more(language, held.clearances.length, held.clearanceCount);
  const parts: [heading: string, hint: string | null, content: string][] = [
    [words.person, null, personList(language, held)],
    [words.origin, words.originHint, list(language, [...acquisitionLines(language, held), ...portingLines(language, held)])],
    [words.consents, null, list(language, consentLines(language, held))],
    [words.contacts, words.contactsHint, list(language, contactLines(language, held))],
    [words.clearances, words.clearancesHint, list(language, clearanceLines(language, held)) + moreClearances],
    [words.suppressions, null, list(language, suppressionLines(language, held))],
    [words.recipients, words.recipientsHint, list(language, recipientLines(language, held))],
    [words.requests, null, list(language, requestLines(language, held))],
    [words.retention, words.retentionHint, retentionContent(language, held)],
    [words.rights, null, `<p>${escapeHtml(words.rightsText)}</p>`],
  ];
  const content = [
    lead(fill(words.intro, { company: held.company, date })),
    ...parts.map(([heading, hint, part]) => {
      const said = hint === null ? '' : `<p class="hint">${escapeHtml(hint)}</p>`;
      return `<section><h2>${escapeHtml(heading)}</h2>\n${said}${part}</section>`;
    }),
  ].join('\n');
  return documentOf({ status: 200, language, title: words.title, company: held.company, content });
}

/** Lines that are HTML already. */
function list(language: Language, lines: readonly string[]): string {
  if (lines.length === 0) return `<p>${escapeHtml(RIGHTS[language].document.none)}</p>`;
  return `<ul class="facts">${lines.map((line) => `<li>${line}</li>`).join('\n')}</ul>`;
}

function more(language: Language, count: number, total: number): string {
  if (count >= total) return '';
  return `<p class="hint">${escapeHtml(fill(RIGHTS[language].document.more, { count: String(count), total: String(total) }))}</p>`;
}

function line(language: Language, at: string, what: string, rest: readonly (string | null)[] = []): string {
  const parts = rest.filter((part) => part !== null && part !== '').map((part) => escapeHtml(part ?? ''));
  return `<strong>${escapeHtml(writtenDay(language, new Date(at)))}</strong> ${escapeHtml(what)}${parts.length > 0 ? `<br><span class="state-words">${parts.join(' · ')}</span>` : ''}`;
}

function personList(language: Language, { person }: HandedOver): string {
  const { preferences } = WORDINGS[language];
  const { document: words } = RIGHTS[language];
  const { name, phone, email, address = {}, attributes = {}, streets } = person;
  const place = [address.postalCode, address.city, address.region, address.country].filter((part) => part !== undefined).join(' ');
  const further = Object.entries(attributes).map(([key, value]) => `${key}: ${value}`).join('; ');
  const rows: [string, string | undefined][] = [
    [preferences.name, name], [preferences.phone, phone], [preferences.email, email],
    [words.street, streets.join('; ')], [words.address, place], [words.attributes, further],
  ];
  return `<dl>${rows.map(([term, value]) => `<div><dt>${escapeHtml(term)}</dt><dd>${escapeHtml(value || preferences.nothing)}</dd></div>`).join('')}</dl>`;
}

function acquisitionLines(language: Language, { acquisitions }: HandedOver): string[] {
  const { document: words } = RIGHTS[language];
  return acquisitions.map(({ acquiredAt, receivedAt, sourceName, method, campaign, told }) => {
    const received = fill(words.received, { date: writtenDay(language, new Date(receivedAt)) });
    return line(language, acquiredAt, `${words.from} ${sourceName}`, [method, campaign, received, valuesOf(told)]);
  });
}

function portingLines(language: Language, { portings }: HandedOver): string[] {
  return portings.map(({ at, lineType }) => line(language, at, RIGHTS[language].document.ported, [lineType]));
}

/** What a record tells, as names and values. */
function valuesOf(told: object | undefined): string {
  return flat(told ?? {}).map(([name, value]) => `${name}: ${value}`).join('; ');
}

function flat(values: object, prefix = ''): [string, string][] {
  return Object.entries(values as Record<string, unknown>).flatMap(([name, value]) => {
    if (value === null || value === undefined) return [];
    if (typeof value === 'object') return flat(value, `${prefix}${name}.`);
    return [[`${prefix}${name}`, (value as string | number | boolean).toString()]];
  });
}

function consentLines(language: Language, { consents }: HandedOver): string[] {
  const { document: words } = RIGHTS[language];
  return consents.map(({ kind, channel, purpose, happenedAt, method, via, told }) => {
    const { statement, text, ...rest } = (told ?? {}) as { statement?: string; text?: string };
    const own = [text, statement].filter((each) => each !== undefined).map((each) => `<blockquote>${escapeHtml(each ?? '')}</blockquote>`);
    const what = `${words.kinds[kind as keyof typeof words.kinds]}: ${scopeOf(language, channel, purpose)}`;
    const intro = own.length > 0 ? `<br>${escapeHtml(words.words)}` : '';
    return line(language, happenedAt, what, [method ?? via, valuesOf(rest)]) + intro + own.join('');
  });
}

function scopeOf(language: Language, channel: string, purpose: string): string {
  const wording = WORDINGS[language];
  const { document: words } = RIGHTS[language];
  if (channel !== 'all' && purpose !== 'all') return scopeWords(wording, channel as Channel, purpose as Purpose);
  const what = purpose === 'all' ? words.everything : wording.purposes[purpose as Purpose];
  return fill(wording.scope, { purpose: what, channel: channel === 'all' ? words.everyChannel : wording.channels[channel as Channel] });
}

function contactLines(language: Language, { contacts }: HandedOver): string[] {
  return contacts.map(({ startedAt, channel, purpose, outcome, campaign, callerId }) => {
    return line(language, startedAt, scopeOf(language, channel, purpose), [outcome.replaceAll('_', ' '), campaign, callerId]);
  });
}

function clearanceLines(language: Language, { clearances }: HandedOver): string[] {
  const { document: words } = RIGHTS[language];
  return clearances.map(({ at, decision, channel, purpose, seller, campaign, reasons }) => {
    const answer = decision === 'allow' ? words.allowed : words.denied;
    return line(language, at, `${scopeOf(language, channel, purpose)}: ${answer}`, [seller, campaign, reasons.join(', ').replaceAll('_', ' ')]);
  });
}

function suppressionLines(language: Language, { suppressions, lists }: HandedOver): string[] {
  const { document: words } = RIGHTS[language];
  const day = (at: string) => writtenDay(language, new Date(at));
  return [
    ...suppressions.map(({ kind, channel, reportedAt, via }) => {
      const said = fill(words.suppressed, { date: day(reportedAt) });
      return [said, kind.replaceAll('_', ' '), channel === 'all' ? words.everyChannel : WORDINGS[language].channels[channel as Channel], via ?? ''];
    }).map((parts) => parts.filter((part) => part !== '').map(escapeHtml).join(' · ')),
    ...lists.map(({ name, since }) => escapeHtml(fill(words.listed, { list: name, date: day(since) }))),
  ];
}

function recipientLines(language: Language, { accesses, recipients }: HandedOver): string[] {
  const { document: words } = RIGHTS[language];
  const day = (at: string) => writtenDay(language, new Date(at));
  return [
    ...accesses.map(({ at, actor, fields }) => fill(words.shownTo, { date: day(at), who: actor, what: fields.join(', ') })),
    ...recipients.map(({ host, since }) => fill(words.sentTo, { who: host, date: day(since) })),
  ].map(escapeHtml);
}

function requestLines(language: Language, { requests }: HandedOver): string[] {
  const { kinds } = WORDINGS[language].preferences;
  const { states } = RIGHTS[language].page;
  return requests.map(({ kind, via, requestedAt, state, told }) => {
    const { statement } = (told ?? {}) as { statement?: string };
    const own = statement === undefined ? '' : `<blockquote>${escapeHtml(statement)}</blockquote>`;
    return line(language, requestedAt, kinds[kind as keyof typeof kinds], [via.replaceAll('_', ' '), states[state as keyof typeof states]]) + own;
  });
}

function retentionContent(language: Language, { retainUntil, duties }: HandedOver): string {
  const { document: words } = RIGHTS[language];
  const atMost = retainUntil === null ? '' : `<p>${escapeHtml(fill(words.keptAtMost, { date: writtenDay(language, new Date(retainUntil)) }))}</p>`;
  return atMost + list(language, keptLines(language, duties).map(escapeHtml));
}
