import { z } from 'zod';
import { findConfirmationRequest, type ConfirmationRequestRow } from '../../db/confirmations.ts';
import type { Tx } from '../../db/connection.ts';
import { lockLead, readLead } from '../../db/locked-lead.ts';
import { currentSettings } from '../../db/settings.ts';
import type { Vault } from '../../db/vault.ts';
import { plus } from '../../domain/civil-time.ts';
import type { Language } from '../../domain/wording/language.ts';
import { agree, inTheirLanguage, openConsents, wasJustAgreed } from '../../intake/confirmations.ts';
import { followLink, mintLink } from '../../intake/person-links.ts';
import type { ApiContext } from '../context.ts';
import { route, type Answer } from '../route.ts';
import { donePage, questionPage, statementFor, type Question } from './confirmation-page.ts';
import { gonePage } from './notices.ts';
import { FORM_TYPES, languageOfVisitor, ownActOf, readForm } from './visitor.ts';

/** Whatever it is: a token that is not shaped like one is answered like any other that is not known. */
export const tokenParams = z.object({ token: z.string().meta({ description: 'The token of a link that the person was sent' }) });

const PREFERENCES_VALID_FOR = 'P30D';
/** A link that was followed to its end leads nowhere, whatever words it is answered with. */
const USED_UP = 404;

const show = route({
  method: 'get',
  path: '/confirm/{token}',
  operation: 'showConfirmation',
  tag: 'Persons',
  summary: 'Ask the person to confirm',
  description: 'The page behind a link in a message, in the language of the visitor. To open it changes nothing: programs that look through mail do.',
  roles: 'public',
  person: true,
  params: tokenParams,
  answers: { 200: { description: 'The page', type: 'text/html' }, 404: { description: 'The link cannot be used', type: 'text/html' } },
  async handle(context, { params, request }) {
    const language = languageOfVisitor(request);
    const now = context.now();
    const asked = await context.db.transaction().execute((tx) => readQuestion(tx, context.vault, params.token, now));
    return asked ? questionPage(language, asked.question) : gonePage(context.db, language, { token: params.token, now });
  },
});

const confirm = route({
  method: 'post',
  path: '/confirm/{token}',
  operation: 'confirmConsent',
  tag: 'Persons',
  summary: 'Confirm, as the person',
  description:
    'What the button on the page does, once: the consent is confirmed or given anew, and the words on the page are kept with it, sealed. ' +
    'Sending says it all; a form needs no fields.',
  roles: 'public',
  person: true,
  params: tokenParams,
  streams: FORM_TYPES,
  answers: { 200: { description: 'A page that says so', type: 'text/html' }, 404: { description: 'The link cannot be used', type: 'text/html' } },
  problems: ['invalid_request', 'forbidden', 'body_too_large', 'request_timeout', 'lead_disposed'],
  async handle(context, { params, request }): Promise<Answer> {
    const language = languageOfVisitor(request);
    const form = await readForm(request);
    const now = context.now();
    return context.db.transaction().execute(async (tx) => {
      const asked = await readQuestion(tx, context.vault, params.token, now);
      const { token } = params;
      const rest = async () => (await thankAgain(tx, language, token, now)) ?? gonePage(tx, language, { token, now });
      if (!asked) return rest();
      if ((form.get('action') ?? 'confirm') !== 'confirm') return questionPage(language, asked.question);
      return (await confirmAs(context, tx, asked, request, now)) ?? rest();
    });
  },
});

export const confirmationPageRoutes = [show, confirm];

interface Asked {
  request: ConfirmationRequestRow;
  question: Question;
}

async function confirmAs(
  context: ApiContext, tx: Tx, { request: { id, lead_id: leadId } }: Asked, visit: Parameters<typeof ownActOf>[1], now: Date,
): Promise<Answer | null> {
  const language = languageOfVisitor(visit);
  const lead = await lockLead(tx, leadId);
  // What was read before the lock may have changed: two clicks at once are one.
  const request = await findConfirmationRequest(tx, id);
  const question = request && (await questionOf({ tx, vault: context.vault, now }, request, now));
  if (!lead || !question || lead.disposed_at) return null;
  const act = ownActOf(context, visit, statementFor(language, question));
  if (!(await agree(tx, context.vault, lead, request, act, now))) return null;
  return { ...(await thank(tx, language, leadId, question, now)), announce: [leadId] };
}

async function thank(
  tx: Tx, language: Language, leadId: string, done: Pick<Question, 'kind' | 'company'>, now: Date,
): Promise<Answer> {
  const token = await mintLink(tx, { leadId, kind: 'preferences', expiresAt: plus(now, PREFERENCES_VALID_FOR) }, now);
  return donePage(language, done, `../preferences/${token}`);
}

/**
 * The words that the first of two clicks led to, for the second, whose answer a browser shows; null where there was none just
 * now. The link itself is used up, and the status says so.
 */
async function thankAgain(tx: Tx, language: Language, token: string, now: Date): Promise<Answer | null> {
  const link = await followLink(tx, 'confirmation', token, now);
  const request = link?.request_id ? await findConfirmationRequest(tx, link.request_id) : null;
  if (!request || !(await wasJustAgreed(tx, request, now))) return null;
  if ((await readLead(tx, request.lead_id))?.disposed_at !== null) return null;
  const { settings } = await currentSettings(tx);
  const thanks = await thank(tx, language, request.lead_id, { kind: request.kind, company: settings.company.name }, now);
  return { ...thanks, status: USED_UP };
}

/** What a token asks, while there is something to ask. */
async function readQuestion(tx: Tx, vault: Vault, token: string, now: Date): Promise<Asked | null> {
  const link = await followLink(tx, 'confirmation', token, now);
  const request = link?.request_id ? await findConfirmationRequest(tx, link.request_id) : null;
  const question = link && request && (await questionOf({ tx, vault, now }, request, link.expires_at));
  return question ? { request, question } : null;
}

async function questionOf(
  { tx, vault, now }: { tx: Tx; vault: Vault; now: Date }, request: ConfirmationRequestRow, expiresAt: Date,
): Promise<Question | null> {
  const open = await openConsents(tx, request, now);
  if (open.length === 0) return null;
  const consents = await inTheirLanguage(tx, vault, request.lead_id, open);
  const { settings } = await currentSettings(tx);
  return { kind: request.kind, company: settings.company.name, consents, expiresAt };
}
