import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Tx } from '../../db/connection.ts';
import { lockLead, readLead, type LockedLead } from '../../db/locked-lead.ts';
import { openFact } from '../../db/person-records.ts';
import { requestsOfPerson } from '../../db/subject-requests.ts';
import { plus } from '../../domain/civil-time.ts';
import { CHANNELS, PURPOSES, type Channel, type Purpose } from '../../domain/consent.ts';
import { SUBJECT_REQUEST_KINDS, type SubjectRequestKind } from '../../domain/subject-request.ts';
import { fill, type Wording } from '../../domain/wording/language.ts';
import { scopeWords, WORDING_VERSION, WORDINGS } from '../../domain/wording/wordings.ts';
import { isStorable } from '../../intake/accepted-values.ts';
import { allowAgain, OWN_PAGE, withdrawOwn } from '../../intake/own-choices.ts';
import { followLink, mintLink } from '../../intake/person-links.ts';
import { recordSubjectRequest } from '../../intake/subject-requests.ts';
import type { ApiContext } from '../context.ts';
import { route, type Answer } from '../route.ts';
import { firstDeadline } from '../subject-requests.ts';
import { MOST_REQUESTS, readHeld, type Held } from './choices.ts';
import { tokenParams } from './confirm.ts';
import { answerPage } from './document.ts';
import { gonePage, lead as sentence } from './notices.ts';
import { preferencesPage, type Trouble } from './preferences-page.ts';
import { FORM_TYPES, languageOfVisitor, ownActOf, readForm } from './visitor.ts';

const pages = { 200: { description: 'The page', type: 'text/html' }, 404: { description: 'The link cannot be used', type: 'text/html' } };

const show = route({
  method: 'get',
  path: '/preferences/{token}',
  operation: 'showPreferences',
  tag: 'Persons',
  summary: 'Show the person what is held, and their choices',
  description: 'Masked data, sources, every consent with its date, and forms to withdraw, to allow again, and to ask for data, correction or erasure.',
  roles: 'public',
  person: true,
  params: tokenParams,
  query: z.object({ said: z.string().optional(), channel: z.string().optional(), purpose: z.string().optional() }),
  answers: pages,
  async handle(context, { params, query, request }) {
    const language = languageOfVisitor(request);
    const now = context.now();
    return context.db.transaction().execute(async (tx) => {
      const lead = await leadOf(tx, params.token, now, readLead);
      if (!lead) return gonePage(tx, language, { token: params.token, now });
      const held = await readHeld(tx, context.vault, lead, now);
      const said = saidWords(WORDINGS[language], held, query.said, scopeOf(query.channel, query.purpose));
      return preferencesPage(language, held, said === null ? {} : { said });
    });
  },
});

const decide = route({
  method: 'post',
  path: '/preferences/{token}',
  operation: 'changePreferences',
  tag: 'Persons',
  summary: 'Withdraw, allow again or ask, as the person',
  description:
    'What the buttons of the page do. `List-Unsubscribe=One-Click` (RFC 8058), as mail programs send it, ends marketing by e-mail at once, without ' +
    'a further question.',
  roles: 'public',
  person: true,
  params: tokenParams,
  streams: FORM_TYPES,
  answers: { ...pages, 303: { description: 'Done; the page says so', headers: { Location: 'The page' } }, 422: { description: 'What is missing in the form', type: 'text/html' } },
  problems: ['invalid_request', 'forbidden', 'body_too_large', 'request_timeout', 'lead_disposed'],
  async handle(context, { params, request }): Promise<Answer> {
    const form = await readForm(request);
    const now = context.now();
    return context.db.transaction().execute(async (tx) => {
      const lead = await leadOf(tx, params.token, now, lockLead);
      if (!lead) return gonePage(tx, languageOfVisitor(request), { token: params.token, now });
      const { announce = [], ...answer } = await act({ context, tx, lead, request, now }, form);
      return { ...answer, announce: [lead.id, ...announce] };
    });
  },
});

export const preferencesRoutes = [show, decide];

interface Visit {
  context: ApiContext;
  tx: Tx;
  lead: LockedLead;
  request: IncomingMessage;
  now: Date;
}

type Form = ReadonlyMap<string, string>;
interface Scope {
  channel: Channel;
  purpose: Purpose;
}

/** The lead that a token is for, as long as there is anything to see of it; locked by those who change something. */
async function leadOf(tx: Tx, token: string, now: Date, find: typeof lockLead): Promise<LockedLead | null> {
  const link = await followLink(tx, 'preferences', token, now);
  const lead = link && (await find(tx, link.lead_id));
  return lead?.disposed_at === null ? lead : null;
}

async function act(visit: Visit, form: Form): Promise<Answer> {
  if (form.get('List-Unsubscribe') === 'One-Click') return unsubscribe(visit);
  const { context: { vault }, tx, lead, now } = visit;
  const scope = scopeOf(form.get('channel'), form.get('purpose'));
  switch (form.get('action')) {
    case 'withdraw_all':
      await withdrawOwn(tx, vault, lead, { channel: 'all', purpose: 'all' }, OWN_PAGE, now);
      return seeOther({ said: 'withdrawn_all' });
    case 'withdraw':
      if (!scope) break;
      await withdrawOwn(tx, vault, lead, scope, OWN_PAGE, now);
      return seeOther({ said: 'withdrawn', ...scope });
    case 'allow':
      return (await allow(visit, scope)) ?? refuse(visit);
    case 'request':
      return ask(visit, form);
    case 'open':
      return (await openRequest(visit, form.get('request'))) ?? refuse(visit);
    default:
  }
  return refuse(visit);
}

async function unsubscribe({ context: { vault }, tx, lead, request, now }: Visit): Promise<Answer> {
  await withdrawOwn(tx, vault, lead, { channel: 'email', purpose: 'marketing' }, 'one-click', now);
  const language = languageOfVisitor(request);
  const { company } = await readHeld(tx, vault, lead, now);
  const { said: { unsubscribed }, preferences: { title } } = WORDINGS[language];
  return answerPage({ status: 200, language, title, company, content: sentence(unsubscribed) });
}

/**
 * Only what the page offers can be allowed again. What is allowed already, by the first of two clicks or in another window, stays
 * as it is.
 */
async function allow({ context, tx, lead, request, now }: Visit, scope: Scope | null): Promise<Answer | null> {
  const { company, choices } = await readHeld(tx, context.vault, lead, now);
  const choice = choices.find(({ channel, purpose }) => channel === scope?.channel && purpose === scope.purpose);
  if (!scope || !choice || choice.state === 'unconfirmed') return null;
  if (choice.state === 'granted') return seeOther({ said: 'allowed', ...scope });
  const language = languageOfVisitor(request);
  const wording = WORDINGS[language];
  const text = fill(wording.preferences.allowStatement, { company, scope: scopeWords(wording, scope.channel, scope.purpose) });
  const own = ownActOf(context, request, { text, version: WORDING_VERSION, language });
  await allowAgain(tx, context.vault, lead, scope, own, now);
  return seeOther({ said: 'allowed', ...scope });
}

const MOST_CHARACTERS = 2_000;

async function ask(visit: Visit, form: Form): Promise<Answer> {
  const { context: { vault }, tx, lead, request, now } = visit;
  const { problem } = WORDINGS[languageOfVisitor(request)];
  const kind = SUBJECT_REQUEST_KINDS.find((each) => each === form.get('kind'));
  const statement = (form.get('statement') ?? '').replaceAll('\r\n', '\n').trim();
  const given = { statement: statement.slice(0, MOST_CHARACTERS), ...(kind === undefined ? {} : { kind }) };
  if (!kind) return refuse(visit, { field: 'kind', text: problem.kindMissing, ...given });
  if (statement.length > MOST_CHARACTERS || !isStorable(statement)) {
    return refuse(visit, { field: 'statement', text: problem.statementTooLong, ...given, statement: '' });
  }
  if (await isAskedAlready(visit, kind, statement)) return seeOther({ said: 'requested' });
  const dueAt = firstDeadline(kind, now, lead.jurisdictions);
  const asked = { kind, via: OWN_PAGE, requestedAt: now, statement: statement === '' ? null : statement, dueAt, by: 'person' };
  const recorded = await recordSubjectRequest(tx, vault, { token: lead.token, lead }, asked, now);
  return { ...seeOther({ said: 'requested' }), announce: [recorded.id] };
}

/** Whether the same was asked in the same words on this page and is still open: a form that is sent twice is one request. */
async function isAskedAlready(
  { context: { vault }, tx, lead }: Visit, kind: SubjectRequestKind, statement: string,
): Promise<boolean> {
  const open = (await requestsOfPerson(tx, lead.id, MOST_REQUESTS)).filter((each) => {
    return each.kind === kind && each.via === OWN_PAGE && each.ended_at === null;
  });
  for (const { id } of open) {
    const told = (await openFact(tx, vault, lead.id, id)) as { statement?: string } | null;
    if ((told?.statement ?? '') === statement) return true;
  }
  return false;
}

/** On to the page of one request of theirs; its address is new, and known to nobody but this visitor. */
async function openRequest({ tx, lead, now }: Visit, id: string | undefined): Promise<Answer | null> {
  const request = (await requestsOfPerson(tx, lead.id, MOST_REQUESTS)).find((each) => each.id === id);
  if (!request) return null;
  const token = await mintLink(tx, { leadId: lead.id, kind: 'request', requestId: request.id, expiresAt: plus(now, 'PT1H') }, now);
  return { status: 303, headers: { location: `../requests/${token}` } };
}

async function refuse({ context, tx, lead, request, now }: Visit, trouble?: Trouble): Promise<Answer> {
  const language = languageOfVisitor(request);
  const held: Held = await readHeld(tx, context.vault, lead, now);
  return preferencesPage(language, held, { trouble: trouble ?? { field: null, text: WORDINGS[language].problem.actionUnknown } });
}

/** Relative, so that the token stands in no header. A reload of the page does nothing twice. */
function seeOther(query: Record<string, string>): Answer {
  return { status: 303, headers: { location: `?${new URLSearchParams(query)}` } };
}

function scopeOf(channel: string | undefined, purpose: string | undefined): Scope | null {
  const known = { channel: CHANNELS.find((each) => each === channel), purpose: PURPOSES.find((each) => each === purpose) };
  return known.channel && known.purpose ? { channel: known.channel, purpose: known.purpose } : null;
}

/**
 * What has just been done, in words, where it is still so: the address can be opened again, from the history or a bookmark, after
 * the person has thought better of it.
 */
function saidWords(wording: Wording, { choices, requests }: Held, said: string | undefined, scope: Scope | null): string | null {
  const values = scope ? { scope: scopeWords(wording, scope.channel, scope.purpose) } : {};
  const open = choices.filter(({ state }) => state === 'granted' || state === 'unconfirmed');
  const isOpen = open.some(({ channel, purpose }) => channel === scope?.channel && purpose === scope.purpose);
  switch (said) {
    case 'withdrawn': return scope && !isOpen ? fill(wording.said.withdrawn, values) : null;
    case 'allowed': return scope && isOpen ? fill(wording.said.allowed, values) : null;
    case 'withdrawn_all': return open.length === 0 ? wording.said.withdrawnAll : null;
    case 'requested': return requests.length > 0 ? wording.said.requested : null;
    default: return null;
  }
}
