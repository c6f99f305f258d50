import { z } from 'zod';
import { findOutcome, type RecordedOutcome } from '../db/clearances.ts';
import { DomainError } from '../domain/problem.ts';
import type { Asked, Clearance } from '../gate/asked.ts';
import { recordOutcome } from '../gate/outcomes.ts';
import { requireClearance } from '../gate/recorded-clearance.ts';
import { batchAnswer, clearanceAnswer, clearanceView, outcomeAnswer, previewAnswer } from './clearance-answers.ts';
import {
  batchBody, clearanceBody, outcomeBody, previewBody, type ClearanceBody, type PreviewBody,
} from './clearance-bodies.ts';
import { UUID_PATTERN } from './cursor.ts';
import { refusalOf } from './failures.ts';
import { uuid } from './fields.ts';
import { requirePhone } from './lead-acquisition.ts';
import { requirePast } from './past.ts';
import { createProblem } from './problems.ts';
import { ANYONE, CONTACT_REPORTERS } from './roles.ts';
import { route, type Answer } from './route.ts';
import { validate } from './validation.ts';

const clearanceParams = z.object({ id: uuid.regex(UUID_PATTERN) });

const ask = route({
  method: 'post',
  path: '/v1/clearances',
  operation: 'askClearance',
  tag: 'Clearances',
  summary: 'May this person be contacted?',
  description:
    'Answers allow, deny or hold with every reason there is, and puts the answer on record before it is given. An allowed contact ' +
    'reserves the person until its outcome is reported or `validUntil` has come: at most one clearance of a person is open.',
  roles: CONTACT_REPORTERS,
  body: clearanceBody,
  answers: { 201: { description: 'The answer, on record', schema: clearanceAnswer, headers: { Location: 'Address of the clearance' } } },
  problems: ['invalid_phone', 'unknown_lead'],
  hot: true,
  async create({ gate }, { body, caller }, tx) {
    const [settled] = await gate.askWithin(tx, [askedBy(caller.keyId, body)]);
    if (settled?.status === 'fulfilled') return created(settled.value);
    throw settled?.reason;
  },
  async together({ gate }, { body, caller }) {
    const clearance = await gate.ask(askedBy(caller.keyId, body));
    return { ...created(clearance), json: clearance.toText() };
  },
});

const batch = route({
  method: 'post',
  path: '/v1/clearances/batch',
  operation: 'askClearances',
  tag: 'Clearances',
  summary: 'May these persons be contacted?',
  description:
    'Up to 1,000 questions, each answered as if it had been asked alone, in their order. One that cannot be answered has a `problem` ' +
    'in its place; the others do not mind.',
  roles: CONTACT_REPORTERS,
  body: batchBody,
  answers: { 200: { description: 'An answer, or a problem, for each question', schema: batchAnswer } },
  async create({ gate }, { body, caller, requestId }, tx) {
    const asked = body.items.map((item, index) => attempt(() => askedInBatch(caller.keyId, item, index)));
    const settled = await gate.askWithin(tx, asked.filter(isAsked));
    const answers = settled.values();
    const items = asked.map((each) => {
      return itemOf(each instanceof DomainError ? { status: 'rejected', reason: each } : answers.next().value, requestId);
    });
    return { status: 200, body: { items } };
  },
  async together({ gate }, { body, caller, requestId }) {
    const asked = body.items.map(async (item, index) => gate.askAmongMany(askedInBatch(caller.keyId, item, index)));
    const settled = await Promise.allSettled(asked);
    const texts = settled.map((each) => (each.status === 'fulfilled' ? each.value.toText() : JSON.stringify(itemOf(each, requestId))));
    return { status: 200, json: `{"items":[${texts.join()}]}` };
  },
});

const preview = route({
  method: 'post',
  path: '/v1/clearances/preview',
  operation: 'previewClearance',
  tag: 'Clearances',
  summary: 'What would the answer be?',
  description:
    'The answer to a question at any moment, with everything that is known now. Nothing is recorded and nobody is reserved, so it ' +
    'allows nothing: ask again when the contact is about to be made.',
  roles: ANYONE,
  body: previewBody,
  answers: { 200: { description: 'The answer as it would be', schema: previewAnswer } },
  problems: ['invalid_phone', 'unknown_lead'],
  async handle({ gate }, { body }) {
    const asked = { person: personOf(body), question: partialQuestionOf(body), at: body.at ?? null };
    return { status: 200, body: await gate.preview(asked) };
  },
});

const report = route({
  method: 'post',
  path: '/v1/clearances/{id}/outcome',
  operation: 'reportOutcome',
  tag: 'Clearances',
  summary: 'Say what came of it',
  description:
    'Ends the reservation and starts the quiet time that follows. An opt-out, a complaint or a wrong number suppresses the person in ' +
    'the same transaction. The same outcome again is answered with the first; a late one is taken as well.',
  roles: CONTACT_REPORTERS,
  params: clearanceParams,
  unknown: 'unknown_clearance',
  body: outcomeBody,
  answers: {
    201: { description: 'The contact as it is on record', schema: outcomeAnswer },
    200: { description: 'This was said before: the contact as it is on record', schema: outcomeAnswer },
  },
  problems: ['contact_not_allowed', 'outcome_recorded'],
  async create(context, { params, body }, tx) {
    const now = context.now();
    const endedAt = requirePast(body.endedAt, '/endedAt', now);
    const startedAt = body.startedAt ? requirePast(body.startedAt, '/startedAt', now) : null;
    const { outcome, durationSeconds = null } = body;
    const said = { clearanceId: params.id, outcome, endedAt, startedAt, durationSeconds };
    const { created: isNew, ...answer } = await recordOutcome(tx, said, now);
    return { status: isNew ? 201 : 200, body: answer, announce: isNew ? [answer.leadId] : [] };
  },
});

const read = route({
  method: 'get',
  path: '/v1/clearances/{id}',
  operation: 'readClearance',
  tag: 'Clearances',
  summary: 'Read a clearance',
  description: 'The answer as it was given, with what was asked and what came of it.',
  roles: ANYONE,
  params: clearanceParams,
  unknown: 'unknown_clearance',
  answers: { 200: { description: 'The clearance', schema: clearanceView } },
  async handle({ db }, { params }) {
    const { row, answer } = await requireClearance(db, params.id);
    const known = await findOutcome(db, params.id);
    const { channel, purpose, campaign, seller, agent, dialer_mode: dialerMode, caller_id: callerId } = row;
    const asked = { channel, purpose, campaign, seller, agent, dialerMode, callerId };
    return { status: 200, body: { ...answer, ...asked, outcome: known && outcomeOf(known) } };
  },
});

export const clearanceRoutes = [ask, batch, preview, report, read];

function outcomeOf({ id, outcome, started_at: startedAt, ended_at: endedAt }: RecordedOutcome) {
  return { contactId: id, outcome, startedAt, endedAt };
}

function created(clearance: Clearance): Answer {
  return { status: 201, headers: { location: `/v1/clearances/${clearance.clearanceId}` }, body: clearance };
}

function askedBy(keyId: string, body: ClearanceBody): Asked {
  const { channel, purpose, campaign, seller, agent = null, dialerMode = 'manual', callerId = null } = body;
  const question = { channel, purpose, campaign, seller, dialerMode, callerId };
  return { person: personOf(body), question, agent, askedBy: keyId };
}

function personOf({ phone, region, leadId }: Pick<PreviewBody, 'phone' | 'region' | 'leadId'>): Asked['person'] {
  return leadId === undefined ? { phone: requirePhone(phone ?? '', region).e164 } : { leadId: leadId.toLowerCase() };
}

function partialQuestionOf({ channel, purpose, campaign, seller, dialerMode, callerId }: PreviewBody) {
  return {
    channel,
    purpose,
    ...(campaign === undefined ? {} : { campaign }),
    ...(seller === undefined ? {} : { seller }),
    ...(dialerMode === undefined ? {} : { dialerMode }),
    ...(callerId === undefined ? {} : { callerId }),
  };
}

function askedInBatch(keyId: string, item: unknown, index: number): Asked {
  try {
    return askedBy(keyId, validate(clearanceBody, item, 'body'));
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const parts = error.parts.map((part) => ({ ...part, pointer: `/items/${index}${part.pointer}` }));
    throw new DomainError(error.code, error.message, parts);
  }
}

function attempt<T>(act: () => T): T | DomainError {
  try {
    return act();
  } catch (error) {
    return refusalOf(error);
  }
}

function isAsked(each: Asked | DomainError): each is Asked {
  return !(each instanceof DomainError);
}

type Settled = PromiseSettledResult<Clearance> | undefined;

function itemOf(settled: Settled, requestId: string): Clearance | { problem: unknown } {
  if (settled?.status === 'fulfilled') return settled.value;
  const { code, message, parts } = refusalOf(settled?.reason);
  return { problem: createProblem(code, message, requestId, parts) };
}
