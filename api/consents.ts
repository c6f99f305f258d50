import { z } from 'zod';
import { consentHistory, consentLedgers } from '../db/consents.ts';
import type { UnclearOptOutRow } from '../db/unclear-opt-outs.ts';
import { consentOverview, type Standing } from '../domain/consent-overview.ts';
import { recordConsent, recordWithdrawal } from '../intake/consents.ts';
import { recordUnclearOptOut } from '../intake/unclear-opt-outs.ts';
import { consentEvent, consentLedger, revocationBody, unclearOptOut, type UnclearOptOutAnswer } from './consent-bodies.ts';
import { decodeCursor, encodeCursor, INSTANT_PATTERN, UUID_PATTERN } from './cursor.ts';
import { page, uuid } from './fields.ts';
import { consent } from './lead-bodies.ts';
import { consentOf } from './lead-views.ts';
import { requireLead, requireLockedLead } from './locked-lead.ts';
import { cutPage, nextPageHeaders } from './pages.ts';
import { requirePast } from './past.ts';
import { FACT_REPORTERS, LEAD_READERS } from './roles.ts';
import { route } from './route.ts';

const leadParams = z.object({ id: uuid.regex(UUID_PATTERN) });

const grantConsent = route({
  method: 'post',
  path: '/v1/leads/{id}/consents',
  operation: 'grantConsent',
  tag: 'Leads',
  summary: 'Record a consent',
  description:
    'A consent that the person gave for its own sake. It takes effect whatever was withdrawn before, for exactly its channel and purpose; ' +
    'one that has to be confirmed does once it is. Evidence is kept sealed.',
  roles: FACT_REPORTERS,
  params: leadParams,
  unknown: 'unknown_lead',
  body: consent,
  answers: { 201: { description: 'The event on the ledger', schema: consentEvent } },
  problems: ['lead_disposed'],
  async create(context, { params, body }, tx) {
    const now = context.now();
    const obtainedAt = requirePast(body.obtainedAt, '/obtainedAt', now);
    const lead = await requireLockedLead(tx, params.id);
    const event = await recordConsent(tx, context.vault, lead, { ...body, obtainedAt }, now);
    return { status: 201, body: consentOf(event), announce: [lead.id] };
  },
});

const revokeConsent = route({
  method: 'post',
  path: '/v1/leads/{id}/revocations',
  operation: 'revokeConsent',
  tag: 'Leads',
  summary: 'Record a withdrawal',
  description:
    'A withdrawal reaches everything below its purpose; left out, every channel and every purpose. With `unclear` nothing is withdrawn yet: ' +
    'the statement waits in a queue, and contact with it.',
  roles: FACT_REPORTERS,
  params: leadParams,
  unknown: 'unknown_lead',
  body: revocationBody,
  answers: { 201: { description: 'The event on the ledger, or the statement in the queue', schema: z.union([consentEvent, unclearOptOut]) } },
  problems: ['lead_disposed'],
  async create(context, { params, body }, tx) {
    const now = context.now();
    const { channel, purpose, via = null, statement = null } = body;
    const revokedAt = requirePast(body.revokedAt ?? now, '/revokedAt', now);
    const lead = await requireLockedLead(tx, params.id);
    const withdrawal = { channel, purpose, revokedAt, via, statement };
    const recorded = body.unclear
      ? unclearOptOutOf(await recordUnclearOptOut(tx, context.vault, lead, withdrawal, now))
      : consentOf(await recordWithdrawal(tx, context.vault, lead, withdrawal, now));
    return { status: 201, body: recorded, announce: [lead.id] };
  },
});

const readConsents = route({
  method: 'get',
  path: '/v1/leads/{id}/consents',
  operation: 'readConsents',
  tag: 'Leads',
  summary: 'Read the consents of a lead',
  description: 'The whole ledger, in the order in which things happened, and what it comes to now.',
  roles: LEAD_READERS,
  params: leadParams,
  unknown: 'unknown_lead',
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of the ledger', schema: consentLedger, headers: { Link: 'The next page, `rel="next"`' } } },
  async handle(context, { params: { id }, query, request }) {
    await requireLead(context.db, id);
    const cursor = decodeCursor(query.after, [INSTANT_PATTERN, UUID_PATTERN]);
    const after = cursor ? { at: new Date(cursor[0]), id: cursor[1] } : null;
    const found = await consentHistory(context.db, id, after, query.limit + 1);
    const { items, next } = cutPage(found, query.limit, (last) => encodeCursor(last.happened_at.toISOString(), last.id));
    const ledger = (await consentLedgers(context.db, [id])).get(id) ?? [];
    const inForce = consentOverview(ledger, context.now()).map(standingOf);
    return { status: 200, headers: nextPageHeaders(request, next), body: { items: items.map(consentOf), next, inForce } };
  },
});

export const consentRoutes = [grantConsent, revokeConsent, readConsents];

function standingOf({ since, expiresAt, ...standing }: Standing) {
  return { ...standing, since: since.toISOString(), expiresAt: expiresAt?.toISOString() ?? null };
}

/** A statement that may be an opt-out, as it is answered. */
export function unclearOptOutOf(row: UnclearOptOutRow): UnclearOptOutAnswer {
  const { id, lead_id: leadId, channel, via, resolved_as: meaning } = row;
  const times = { statedAt: row.stated_at.toISOString(), receivedAt: row.received_at.toISOString() };
  return { id, leadId, channel, ...times, via, resolvedAt: row.resolved_at?.toISOString() ?? null, meaning };
}
