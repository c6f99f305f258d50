import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { erasureState } from '../../db/erasures.ts';
import { lockHolds } from '../../db/legal-holds.ts';
import { lockLead, readLead } from '../../db/locked-lead.ts';
import { openPersonRecords } from '../../db/person-records.ts';
import { verifyPersonLink, type PersonLinkRow } from '../../db/person-links.ts';
import { newestCode } from '../../db/subject-codes.ts';
import { findSubjectRequest, lockSubjectRequest, type SubjectRequestRow } from '../../db/subject-requests.ts';
import { currentSettings } from '../../db/settings.ts';
import type { Tx } from '../../db/connection.ts';
import { plus } from '../../domain/civil-time.ts';
import { DomainError } from '../../domain/problem.ts';
import { ANSWER_VALID_FOR } from '../../domain/subject-request.ts';
import { RIGHTS } from '../../domain/wording/rights.ts';
import { carryOn } from '../../endings/carrying-on.ts';
import { handOver } from '../../endings/handing-over.ts';
import { maskEmail } from '../../intake/mask-email.ts';
import { OWN_PAGE } from '../../intake/own-choices.ts';
import { foldRecords, type PersonalRecord } from '../../intake/personal-record.ts';
import { followLink } from '../../intake/person-links.ts';
import { askForCode, requireOpenRequest, tryCode } from '../../intake/subject-identity.ts';
import { endRequest } from '../../intake/subject-requests.ts';
import type { ApiContext } from '../context.ts';
import { route, type Answer } from '../route.ts';
import { viewOfRequest } from '../subject-request-bodies.ts';
import { ANSWER_FORMATS, ANSWER_TYPES, answerContent } from './answer-content.ts';
import { headersOf } from './document.ts';
import { tokenParams } from './confirm.ts';
import { gonePage } from './notices.ts';
import { notYetPage, requestPage, type ShownRequest } from './request-page.ts';
import { FORM_TYPES, languageOfVisitor, readForm } from './visitor.ts';

const pages = { 200: { description: 'The page', type: 'text/html' }, 404: { description: 'The link cannot be used', type: 'text/html' } };

const show = route({
  method: 'get',
  path: '/requests/{token}',
  operation: 'showOwnRequest',
  tag: 'Persons',
  summary: 'Show the person what became of a request',
  description: 'How far it is, until when it is answered, a form for the code, and, once that was entered here, the answer.',
  roles: 'public',
  person: true,
  params: tokenParams,
  query: z.object({ said: z.string().optional() }),
  answers: pages,
  async handle(context, { params, query, request }) {
    const language = languageOfVisitor(request);
    const now = context.now();
    return context.db.transaction().execute(async (tx) => {
      const visit = await visitOf(context, tx, params.token, now);
      if (!visit) return gonePage(tx, language, { token: params.token, now });
      const words = RIGHTS[language].page;
      const said = query.said === 'sent' ? words.sent : query.said === 'verified' && visit.shown.isVerified ? words.verified : undefined;
      return requestPage(language, visit.shown, said === undefined ? {} : { said });
    });
  },
});

const act = route({
  method: 'post',
  path: '/requests/{token}',
  operation: 'actOnOwnRequest',
  tag: 'Persons',
  summary: 'Have a code sent, enter it, or take a request back, as the person',
  description: 'What the buttons of the page do. A right code makes this link the person’s own for two weeks.',
  roles: 'public',
  person: true,
  params: tokenParams,
  streams: FORM_TYPES,
  answers: { ...pages, 303: { description: 'Done; the page says so', headers: { Location: 'The page' } }, 422: { description: 'What is wrong with the code', type: 'text/html' } },
  problems: ['invalid_request', 'forbidden', 'body_too_large', 'request_timeout'],
  async handle(context, { params, request }): Promise<Answer> {
    const form = await readForm(request);
    const now = context.now();
    return context.db.transaction().execute(async (tx) => {
      const visit = await lockedVisit(context, tx, params.token, now);
      if (!visit) return gonePage(tx, languageOfVisitor(request), { token: params.token, now });
      return { ...(await decide(context, tx, visit, { form, request, now })), announce: [visit.row.id, visit.row.lead_id ?? ''] };
    });
  },
});

const fetchAnswer = route({
  method: 'get',
  path: '/requests/{token}/answer',
  operation: 'fetchOwnAnswer',
  tag: 'Persons',
  summary: 'Hand the person their data',
  description: 'Put together at this moment, for whoever has entered the code behind this link. That it was handed over is on record before it is sent; `HEAD` hands over nothing.',
  roles: 'public',
  person: true,
  params: tokenParams,
  query: z.object({ format: z.enum(ANSWER_FORMATS).catch('html') }),
  answers: { ...pages, 200: { description: 'A document, or a file', type: 'text/html' } },
  async handle(context, { params, query: { format }, request }): Promise<Answer> {
    const language = languageOfVisitor(request);
    const now = context.now();
    return context.db.transaction().execute(async (tx) => {
      const visit = await visitOf(context, tx, params.token, now);
      if (!visit?.shown.hasAnswer || visit.row.lead_id === null) return gonePage(tx, language, { token: params.token, now });
      // Whoever looks at the head alone, as programs do that look through links, is handed nothing.
      if (request.method === 'HEAD') {
        return { status: 200, headers: headersOf(language), content: { type: ANSWER_TYPES[format], data: Readable.from([]) } };
      }
      await lockLead(tx, visit.row.lead_id);
      const row = (await lockSubjectRequest(tx, visit.row.id)) ?? visit.row;
      const held = await handOver(tx, context.vault, row, { actor: 'person', reason: 'asked for by the person', format }, now);
      if (!held) return notYetPage(language, visit.shown.company);
      return { status: 200, ...answerContent(held, { id: row.id, kind: row.kind, format, language }), announce: [row.id] };
    });
  },
});

export const requestPageRoutes = [show, act, fetchAnswer];

interface Visit {
  link: PersonLinkRow;
  row: SubjectRequestRow;
  shown: ShownRequest;
}

/**
 * As `visitOf`, with everybody else who changes something of the person waiting: of two clicks, the second sees what the first
 * did.
 */
async function lockedVisit(context: ApiContext, tx: Tx, token: string, now: Date): Promise<Visit | null> {
  const link = await followLink(tx, 'request', token, now);
  if (!link) return null;
  // In the order of `requireOpenRequest`.
  await lockHolds(tx, 'shared');
  await lockLead(tx, link.lead_id);
  return visitOf(context, tx, token, now);
}

/** What a token leads to, as far as its bearer may see it; null where it leads nowhere any more. */
async function visitOf({ vault, now: clock }: ApiContext, tx: Tx, token: string, now: Date): Promise<Visit | null> {
  const link = await followLink(tx, 'request', token, now);
  const row = link?.subject_request_id ? await findSubjectRequest(tx, link.subject_request_id) : null;
  const lead = link && (await readLead(tx, link.lead_id));
  if (!link || !row || !lead) return null;
  const isVerified = link.verified_at !== null;
  const { settings } = await currentSettings(tx);
  const records = (await openPersonRecords(tx, vault, [lead.id])).get(lead.id) as PersonalRecord[] | undefined;
  const { email } = foldRecords(records ?? []);
  const code = await newestCode(tx, row.id);
  const state = await erasureState(tx, lead.id, now);
  const view = await viewOfRequest(tx, row, clock());
  const isData = row.kind === 'access' || row.kind === 'portability';
  const wasGiven = row.state === 'in_progress' || row.state === 'fulfilled';
  return {
    link,
    row,
    shown: {
      ...view,
      company: settings.company.name,
      token,
      address: email === undefined ? null : maskEmail(email),
      wasCodeSent: code !== null && code.failure === null,
      wasCodeRefused: code !== null && code.failure !== null,
      isVerified,
      hasAnswer: isVerified && isData && wasGiven && lead.disposed_at === null,
      until: link.expires_at,
      isHeld: row.kind === 'erasure' && state?.isHeld === true,
    },
  };
}

interface Act {
  form: ReadonlyMap<string, string>;
  request: IncomingMessage;
  now: Date;
}

async function decide(context: ApiContext, tx: Tx, { link, row, shown }: Visit, { form, request, now }: Act): Promise<Answer> {
  const language = languageOfVisitor(request);
  const words = RIGHTS[language].page;
  if (row.ended_at !== null) return requestPage(language, shown);
  switch (form.get('action')) {
    case 'send': {
      if (await isOnItsWay(tx, row.id, now)) return seeOther('sent');
      const refused = await refusedBy(() => requireOpenRequest(tx, row).then((locked) => askForCode(tx, locked, 'person', now)));
      return refused ? requestPage(language, shown, { trouble: words.tooMany }) : seeOther('sent');
    }
    case 'verify': {
      // Sent twice, the code is used up by the first time, and was right all the same.
      if (shown.isVerified) return seeOther('verified');
      const locked = await requireOpenRequest(tx, row);
      const identified = await tryCode(tx, context.vault, locked, form.get('code') ?? '', 'person', now);
      if (!identified) return requestPage(language, shown, { trouble: words.wrong });
      await carryOn({ tx, vault: context.vault, at: now }, identified, locked.lead);
      await verifyPersonLink(tx, link.id, now, plus(now, ANSWER_VALID_FOR));
      return seeOther('verified');
    }
    case 'withdraw': {
      if (!shown.isVerified || row.kind === 'erasure') return requestPage(language, shown);
      const { request: open } = await requireOpenRequest(tx, row);
      await endRequest(tx, open, 'withdrawn', { by: 'person', word: OWN_PAGE }, now);
      return seeOther('withdrawn');
    }
    default: return requestPage(language, shown);
  }
}

/** Whether a code was asked for just now and nobody has tried it: pressed twice, the button sends one. */
async function isOnItsWay(tx: Tx, requestId: string, now: Date): Promise<boolean> {
  const code = await newestCode(tx, requestId);
  return code !== null && code.failure === null && code.used_at === null && code.tries === 0 && plus(code.asked_at, 'PT1M') > now;
}

/** Whether the rule against too many codes is what speaks against something. */
async function refusedBy(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return false;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'too_many_codes') return true;
    throw error;
  }
}

/** Relative, so that the token stands in no header. A reload of the page does nothing twice. */
function seeOther(said: string): Answer {
  return { status: 303, headers: { location: `?said=${said}` } };
}
