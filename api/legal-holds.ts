import { z } from 'zod';
import type { Db, Tx } from '../db/connection.ts';
import {
  askRelease, countHeld, findHold, insertHold, listHolds, lockHolds, releaseHold, tellFreed, type HoldScope, type LegalHold,
} from '../db/legal-holds.ts';
import { tellLeads } from '../db/outbox.ts';
import { findSource } from '../db/sources.ts';
import { DomainError } from '../domain/problem.ts';
import { UUID_PATTERN } from './cursor.ts';
import { page, pageOf, text, uuid } from './fields.ts';
import { countedHold, holdView, newHold, newLeadHold, scopeOf, scopeOnRecord, viewOfHold } from './legal-hold-bodies.ts';
import { requireLockedLead } from './locked-lead.ts';
import { pageById } from './pages.ts';
import { HOLD_KEEPERS, HOLD_READERS } from './roles.ts';
import { route, type Answer } from './route.ts';

const params = z.object({ id: uuid.regex(UUID_PATTERN) });

const place = route({
  method: 'post',
  path: '/v1/holds',
  operation: 'placeHold',
  tag: 'Retention',
  summary: 'Order that leads are not disposed of',
  description:
    'By lead, by source, by campaign, or by search; an order by one of the latter is about leads that come in later as well. From the answer ' +
    'on nothing that it is about is destroyed, whatever was under way. A lead that is due while it stands is archived instead.',
  roles: HOLD_KEEPERS,
  body: newHold,
  answers: { 201: { description: 'The order', schema: countedHold, headers: { Location: 'Address of the order' } } },
  problems: ['unknown_lead', 'lead_disposed', 'unknown_source'],
  async create({ now }, { body, caller }, tx) {
    return placed(tx, scopeOf(body), { ...body, by: `key:${caller.keyId}` }, now());
  },
});

const placeOnLead = route({
  method: 'post',
  path: '/v1/leads/{id}/holds',
  operation: 'placeHoldOnLead',
  tag: 'Retention',
  summary: 'Order that a lead is not disposed of',
  description: 'The same as `POST /v1/holds` about this lead.',
  roles: HOLD_KEEPERS,
  params,
  unknown: 'unknown_lead',
  body: newLeadHold,
  answers: { 201: { description: 'The order', schema: countedHold, headers: { Location: 'Address of the order' } } },
  problems: ['lead_disposed'],
  async create({ now }, { params: { id: leadId }, body, caller }, tx) {
    return placed(tx, { kind: 'lead', leadId }, { ...body, by: `key:${caller.keyId}` }, now());
  },
});

const list = route({
  method: 'get',
  path: '/v1/holds',
  operation: 'listHolds',
  tag: 'Retention',
  summary: 'List the orders not to dispose of leads',
  description: 'Every order, newest first, those that have ended as well.',
  roles: HOLD_READERS,
  query: z.strictObject(page),
  answers: {
    200: {
      description: 'A page of orders',
      schema: pageOf(holdView).meta({ id: 'HoldPage' }),
      headers: { Link: 'The next page, `rel="next"`' },
    },
  },
  async handle({ db, now }, call) {
    const at = now();
    return pageById(call, (after, most) => listHolds(db, after, most), (row) => viewOfHold(row, at));
  },
});

const read = route({
  method: 'get',
  path: '/v1/holds/{id}',
  operation: 'readHold',
  tag: 'Retention',
  summary: 'Read an order not to dispose of leads',
  description: 'Who placed it, why and until when, what became of it, and how many leads it is about: counted up to 10,000.',
  roles: HOLD_READERS,
  params,
  unknown: 'unknown_hold',
  answers: { 200: { description: 'The order', schema: countedHold } },
  async handle({ db, now }, { params: { id } }) {
    const row = await requireHold(db, id);
    return { status: 200, body: { ...viewOfHold(row, now()), covers: await countHeld(db, scopeOnRecord(row)) } };
  },
});

const release = route({
  method: 'post',
  path: '/v1/holds/{id}/release',
  operation: 'askHoldRelease',
  tag: 'Retention',
  summary: 'Ask for the release of an order',
  description: 'The order goes on standing until a second person agrees.',
  roles: HOLD_KEEPERS,
  params,
  unknown: 'unknown_hold',
  body: z
    .strictObject({ reason: text(500).meta({ description: 'About the case, never about a person: it is kept in clear' }) })
    .meta({ id: 'HoldRelease' }),
  answers: { 200: { description: 'The order, whose release is asked for', schema: holdView } },
  problems: ['hold_ended', 'already_settled'],
  async create({ now }, { params: { id }, body: { reason }, caller }, tx) {
    const at = now();
    requireStanding(await requireHold(tx, id), at);
    const asked = await askRelease(tx, id, { reason, by: `key:${caller.keyId}` }, at);
    if (!asked) throw new DomainError('already_settled', 'Somebody has asked for its release already; another person can agree to that.');
    return { status: 200, body: viewOfHold(asked, at) };
  },
});

const approve = route({
  method: 'post',
  path: '/v1/holds/{id}/release/approve',
  operation: 'approveHoldRelease',
  tag: 'Retention',
  summary: 'Agree to the release of an order',
  description: 'Takes another key than the one that asked for it. Leads whose time was over are disposed of within the hour.',
  roles: HOLD_KEEPERS,
  params,
  unknown: 'unknown_hold',
  answers: { 200: { description: 'The order, released', schema: holdView } },
  problems: ['second_person_needed', 'release_not_asked', 'hold_ended'],
  async create({ now }, { params: { id }, caller }, tx) {
    return agreeToRelease(tx, await requireHold(tx, id), `key:${caller.keyId}`, now());
  },
});

export const legalHoldRoutes = [place, placeOnLead, list, read, release, approve];

interface Order {
  reason: string;
  until?: Date | undefined;
  by: string;
}

async function placed(tx: Tx, scope: HoldScope, { reason, until: ends, by }: Order, at: Date): Promise<Answer> {
  const until = requireAhead(ends ?? null, at);
  await requireSubject(tx, scope);
  const covers = await countHeld(tx, scope);
  await lockHolds(tx, 'exclusive');
  const row = await insertHold(tx, scope, { reason, until, by }, at);
  const told = await tellNamed(tx, row, 'a hold was placed', at);
  return { status: 201, headers: { location: `/v1/holds/${row.id}` }, body: { ...viewOfHold(row, at), covers }, announce: told };
}

/** Releases an order. Refuses whoever asked for that, and an order whose release nobody asked for. */
export async function agreeToRelease(
  tx: Tx, found: LegalHold, by: string, at: Date,
): Promise<{ status: 200; body: z.infer<typeof holdView>; announce: string[] }> {
  requireStanding(found, at);
  if (found.release_asked_by === null) {
    throw new DomainError('release_not_asked', 'One person asks for the release with POST /v1/holds/{id}/release, another agrees to it.');
  }
  if (found.release_asked_by === by) {
    throw new DomainError('second_person_needed', 'Whoever asked for it cannot be the one who agrees; another key has to.');
  }
  const released = await releaseHold(tx, found.id, by, at);
  if (!released) throw ended();
  const announce = await tellNamed(tx, released, 'a hold was released', at);
  await tellFreed(tx, [released.id], at);
  return { status: 200, body: viewOfHold(released, at), announce };
}

/** A lead that an order names hears of it at once; the others are looked at when they are due, or their disposal goes on. */
async function tellNamed(tx: Tx, { id, lead_id: leadId }: LegalHold, said: string, at: Date): Promise<string[]> {
  const named = leadId === null ? [] : [leadId];
  await tellLeads(tx, named, { signal: 'lifecycleChanged', factId: id, said }, at);
  return named;
}

async function requireSubject(tx: Tx, scope: HoldScope): Promise<void> {
  if (scope.kind === 'lead') await requireLockedLead(tx, scope.leadId);
  if (scope.kind !== 'source' || (await findSource(tx, scope.sourceId))) return;
  throw new DomainError('unknown_source', 'GET /v1/sources lists them.', [
    { pointer: '/source', code: 'unknown_source', detail: 'is not the id of a registered source' },
  ]);
}

function requireAhead(until: Date | null, now: Date): Date | null {
  if (until === null || until > now) return until;
  throw new DomainError('invalid_request', 'An order that is over already holds nothing.', [
    { pointer: '/until', code: 'in_past', detail: 'must be later than now' },
  ]);
}

async function requireHold(db: Db, id: string): Promise<LegalHold> {
  const found = await findHold(db, id);
  if (found) return found;
  throw new DomainError('unknown_hold', 'Check the id; GET /v1/holds lists them.');
}

function requireStanding(hold: LegalHold, now: Date): void {
  if (['released', 'over'].includes(viewOfHold(hold, now).state)) throw ended();
}

function ended(): DomainError {
  return new DomainError('hold_ended', 'It was released, or its time was over; a new one can be placed with POST /v1/holds.');
}
