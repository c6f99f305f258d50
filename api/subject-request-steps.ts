import { z } from 'zod';
import { lockLead } from '../db/locked-lead.ts';
import { lockSubjectRequest, type SubjectRequestRow } from '../db/subject-requests.ts';
import { addStep } from '../db/subject-steps.ts';
import type { Tx } from '../db/connection.ts';
import { DomainError } from '../domain/problem.ts';
import { REFUSAL_GROUNDS } from '../domain/subject-request.ts';
import { carryOn } from '../endings/carrying-on.ts';
import { sealFact } from '../intake/consents.ts';
import { askForCode, handOutCode, requireOpenRequest, tryCode, vouchFor } from '../intake/subject-identity.ts';
import { mintLink, pageUrl } from '../intake/person-links.ts';
import { endRequest } from '../intake/subject-requests.ts';
import type { ApiContext } from './context.ts';
import { UUID_PATTERN } from './cursor.ts';
import { answeredInstant, label, text, uuid } from './fields.ts';
import { publicUrlOf } from './public-url.ts';
import { CONTACT_REPORTERS, FACT_REPORTERS, RULE_KEEPERS } from './roles.ts';
import { route, type Answer } from './route.ts';
import { subjectRequest, viewOfRequest } from './subject-request-bodies.ts';
import { requireSubjectRequest } from './subject-requests.ts';

const shared = { method: 'post' as const, tag: 'Subject requests' as const, params: z.object({ id: uuid.regex(UUID_PATTERN) }), unknown: 'unknown_subject_request' as const };
const settled = { 200: { description: 'The request as it is now', schema: subjectRequest } };

const send = route({
  ...shared,
  path: '/v1/subject-requests/{id}/code',
  operation: 'sendSubjectCode',
  summary: 'Send the person a code',
  description:
    'A code of eight digits goes to the address that is held, by the way of delivery that is set up; three a day at most. Whoever says it has shown that ' +
    'the request comes from the person. It can be used for half an hour, once, and tried five times; a later one takes the place of an earlier one.',
  roles: CONTACT_REPORTERS,
  answers: { 202: { description: 'The request; the code is on its way', schema: subjectRequest } },
  problems: ['already_settled', 'nothing_held', 'too_many_codes'],
  async create(context, { params: { id }, caller }, tx) {
    const now = context.now();
    await askForCode(tx, await requireOpenRequest(tx, await requireSubjectRequest(tx, id)), `key:${caller.keyId}`, now);
    return { status: 202, body: await viewOfRequest(tx, await requireSubjectRequest(tx, id), now), announce: [id] };
  },
});

const message = route({
  ...shared,
  path: '/v1/subject-requests/{id}/message',
  operation: 'mintSubjectCode',
  summary: 'Fetch a code for a message of your own',
  description:
    'A code, and a link to the page where it is entered, for a text message or mail of your own to the number or address that is held, after ' +
    '`subject-request.code-requested`. It counts as one of three a day. Send it nowhere else: whoever has it is taken for the person.',
  roles: FACT_REPORTERS,
  answers: {
    201: {
      description: 'What the message has to say',
      schema: z
        .object({ code: z.string().meta({ description: 'Eight digits; shown here and never again' }), url: z.url(), expiresAt: answeredInstant })
        .meta({ id: 'SubjectCode' }),
    },
  },
  problems: ['already_settled', 'nothing_held', 'too_many_codes'],
  async create(context, { params: { id }, caller, request }, tx) {
    const now = context.now();
    const locked = await requireOpenRequest(tx, await requireSubjectRequest(tx, id));
    const { code, expiresAt } = await handOutCode(tx, context.vault, locked, `key:${caller.keyId}`, now);
    const token = await mintLink(tx, { leadId: locked.lead.id, kind: 'request', requestId: id, expiresAt }, now);
    const url = pageUrl(publicUrlOf(context, request), 'request', token);
    return { status: 201, body: { code, url, expiresAt: expiresAt.toISOString() }, announce: [id] };
  },
});

const verify = route({
  ...shared,
  path: '/v1/subject-requests/{id}/verify',
  operation: 'verifySubjectRequest',
  summary: 'Try a code that the person said',
  description:
    'For somebody who has the person on the phone or before them. A right code shows that the request comes from the person; whatever was wrong with any ' +
    'other is not told, and the try counts.',
  roles: CONTACT_REPORTERS,
  body: z.strictObject({ code: text(20).meta({ examples: ['1234 5678'] }) }).meta({ id: 'SubjectCodeTry' }),
  answers: settled,
  problems: ['already_settled', 'nothing_held', 'code_invalid'],
  async handle(context, { params: { id }, body: { code }, caller }) {
    const now = context.now();
    const by = `key:${caller.keyId}`;
    // Committed before it is answered: a wrong try is one that was made.
    const answer = await context.db.transaction().execute(async (tx): Promise<Answer | null> => {
      const locked = await requireOpenRequest(tx, await requireSubjectRequest(tx, id));
      const identified = await tryCode(tx, context.vault, locked, code, by, now);
      if (!identified) return null;
      const { request } = await carryOn({ tx, vault: context.vault, at: now }, identified, locked.lead);
      return { status: 200, body: await viewOfRequest(tx, request, now), announce: [locked.lead.id, id] };
    });
    if (answer) return answer;
    throw new DomainError('code_invalid', 'The code is wrong, has been used, has expired, or was tried too often; have another one sent.');
  },
});

const vouch = route({
  ...shared,
  path: '/v1/subject-requests/{id}/vouch',
  operation: 'vouchForSubjectRequest',
  summary: 'Vouch for the person',
  description: 'Where a code cannot be had: somebody says that the request comes from the person, and how they know. Their words are kept sealed.',
  roles: RULE_KEEPERS,
  body: z.strictObject({ reason: text(500).min(3).meta({ examples: ['showed a passport at the counter'] }) }).meta({ id: 'SubjectRequestVouching' }),
  answers: settled,
  problems: ['already_settled', 'nothing_held', 'lead_disposed'],
  async create(context, { params: { id }, body: { reason }, caller }, tx) {
    const now = context.now();
    const locked = await requireOpenRequest(tx, await requireSubjectRequest(tx, id));
    const identified = await vouchFor(tx, context.vault, locked, reason, `key:${caller.keyId}`, now);
    const { request } = await carryOn({ tx, vault: context.vault, at: now }, identified, locked.lead);
    return { status: 200, body: await viewOfRequest(tx, request, now), announce: [locked.lead.id, id] };
  },
});

const fulfil = route({
  ...shared,
  path: '/v1/subject-requests/{id}/fulfil',
  operation: 'fulfilSubjectRequest',
  summary: 'Say that a request was answered',
  description:
    'After the answer has gone to the person by another way than their own page, or that nothing is held where the number is no lead. An erasure and a ' +
    'correction fulfil their requests by themselves.',
  roles: RULE_KEEPERS,
  body: z.strictObject({ via: label('letter').meta({ description: 'The way the answer went' }) }).meta({ id: 'SubjectRequestAnswered' }),
  answers: settled,
  problems: ['already_settled', 'identity_missing'],
  async create(context, { params: { id }, body: { via }, caller }, tx) {
    const now = context.now();
    const { request, isHeld } = await requireOpen(tx, id);
    const by = `key:${caller.keyId}`;
    if (!isHeld) await addStep(tx, id, { kind: 'nothing_held', by }, now);
    else requireAnswerable(request);
    return ended(context, tx, await endRequest(tx, request, 'fulfilled', { by, word: via }, now));
  },
});

const refuse = route({
  ...shared,
  path: '/v1/subject-requests/{id}/refuse',
  operation: 'refuseSubjectRequest',
  summary: 'Refuse a request',
  description: 'On a ground of law, with what the person was told, kept sealed where there is a lead. An erasure that is under way cannot be refused any more.',
  roles: RULE_KEEPERS,
  body: z
    .strictObject({
      ground: z.enum(REFUSAL_GROUNDS).meta({ description: 'GDPR art. 11(2), 12(5)-(6), 15(4), 17(3), and their like elsewhere' }),
      explanation: text(2_000).optional().meta({ description: 'What the person was told' }),
    })
    .meta({ id: 'SubjectRequestRefusal' }),
  answers: settled,
  problems: ['already_settled', 'lead_disposed'],
  async create(context, { params: { id }, body: { ground, explanation }, caller }, tx) {
    const now = context.now();
    const { request, isHeld } = await requireOpen(tx, id);
    if (request.kind === 'erasure' && request.identified_at !== null) throw new DomainError('already_settled', 'The erasure is under way.');
    const by = `key:${caller.keyId}`;
    const factId = explanation === undefined || !isHeld ? null : await addStep(tx, id, { kind: 'refused', by, word: 'explained' }, now);
    if (factId !== null) await sealFact(tx, context.vault, request.lead_id ?? '', factId, { explanation });
    return ended(context, tx, await endRequest(tx, request, 'refused', { by, word: ground, factId }, now));
  },
});

const withdraw = route({
  ...shared,
  path: '/v1/subject-requests/{id}/withdraw',
  operation: 'withdrawSubjectRequest',
  summary: 'Take a request back, for the person',
  description: 'The person does not ask for it any more. An erasure that is under way goes on.',
  roles: RULE_KEEPERS,
  body: z.strictObject({ via: label('call').meta({ description: 'The way the person said so' }) }).meta({ id: 'SubjectRequestWithdrawal' }),
  answers: settled,
  problems: ['already_settled'],
  async create(context, { params: { id }, body: { via }, caller }, tx) {
    const { request } = await requireOpen(tx, id);
    if (request.kind === 'erasure' && request.identified_at !== null) throw new DomainError('already_settled', 'The erasure is under way.');
    return ended(context, tx, await endRequest(tx, request, 'withdrawn', { by: `key:${caller.keyId}`, word: via }, context.now()));
  },
});

export const subjectStepRoutes = [send, message, verify, vouch, fulfil, refuse, withdraw];

/** An open request, locked behind its lead, and whether anything can be held of the person. */
async function requireOpen(tx: Tx, id: string): Promise<{ request: SubjectRequestRow; isHeld: boolean }> {
  const found = await requireSubjectRequest(tx, id);
  const lead = found.lead_id === null ? null : await lockLead(tx, found.lead_id);
  const request = await lockSubjectRequest(tx, id);
  if (request?.ended_at !== null) throw new DomainError('already_settled', 'The request has ended.');
  return { request, isHeld: lead?.disposed_at === null };
}

function requireAnswerable({ kind, identified_at: identifiedAt }: SubjectRequestRow): void {
  if (identifiedAt === null) throw new DomainError('identity_missing', 'First the person shows who they are, or somebody vouches for them.');
  if (kind === 'erasure') throw new DomainError('already_settled', 'The erasure is under way, and says itself when it is done.');
}

async function ended(context: ApiContext, tx: Tx, row: SubjectRequestRow): Promise<Answer> {
  return { status: 200, body: await viewOfRequest(tx, row, context.now()), announce: [row.id] };
}
