import { z } from 'zod';
import type { Db, Tx } from '../db/connection.ts';
import {
  approveDisposal, disposalOfLead, findCertificate, findDisposal, findWithdrawnOrder, openDisposal, openDisposals,
  stepsOfDisposals, waiveStore, withdrawOrder, type DisposalRow,
} from '../db/disposals.ts';
import { heldAmong } from '../db/legal-holds.ts';
import { tellLeads } from '../db/outbox.ts';
import { DomainError } from '../domain/problem.ts';
import { decodeCursor, encodeCursor, UUID_PATTERN } from './cursor.ts';
import { disposalView, plainReason, viewOfDisposal, viewOfWithdrawn, type DisposalAnswer } from './disposal-bodies.ts';
import { page, pageOf, uuid } from './fields.ts';
import { requireLockedLead } from './locked-lead.ts';
import { cutPage, nextPageHeaders } from './pages.ts';
import { proofFile } from './proofs.ts';
import { DISPOSERS, RECORD_READERS } from './roles.ts';
import { route } from './route.ts';

const params = z.object({ id: uuid.regex(UUID_PATTERN) });

const order = route({
  method: 'post',
  path: '/v1/leads/{id}/disposals',
  operation: 'orderDisposal',
  tag: 'Disposals',
  summary: 'Order that a lead is destroyed',
  description:
    'Whatever its retention says. Nothing can bring it back, so a second person always has to agree; a legal hold stops it also then. A lead whose disposal is ' +
    'under way is answered with that one.',
  roles: DISPOSERS,
  params,
  unknown: 'unknown_lead',
  body: z.strictObject({ reason: plainReason }).meta({ id: 'DisposalOrder' }),
  answers: { 202: { description: 'The disposal, which waits for a second person', schema: disposalView } },
  problems: ['lead_disposed'],
  async create(context, { params: { id: leadId }, body: { reason }, caller }, tx) {
    const known = await disposalOfLead(tx, leadId);
    if (known && !known.completed_at) return { status: 202, body: await read(tx, known, context.now()) };
    const lead = await requireLockedLead(tx, leadId);
    const asked = { leadId: lead.id, ground: 'order' as const, requestId: null, reason, by: `key:${caller.keyId}` };
    const id = await openDisposal(tx, asked, context.now());
    return { status: 202, body: await read(tx, await requireDisposal(tx, id), context.now()), announce: [lead.id] };
  },
});

const approve = route({
  method: 'post',
  path: '/v1/disposals/{id}/approve',
  operation: 'approveDisposal',
  tag: 'Disposals',
  summary: 'Agree to an order',
  description: 'Takes another key than the one that gave the order. From then on it is carried out.',
  roles: DISPOSERS,
  params,
  unknown: 'unknown_disposal',
  answers: { 200: { description: 'The disposal, under way', schema: disposalView } },
  problems: ['second_person_needed', 'already_settled'],
  async create(context, { params: { id }, caller }, tx) {
    const found = await requireDisposal(tx, id);
    return { status: 200, body: await agreeToDisposal(tx, found, `key:${caller.keyId}`, context.now()), announce: [found.lead_id] };
  },
});

const withdraw = route({
  method: 'post',
  path: '/v1/disposals/{id}/withdraw',
  operation: 'withdrawDisposal',
  tag: 'Disposals',
  summary: 'Take an order back',
  description:
    'Whoever gave the order, or an admin, for as long as nobody has agreed to it. It stays on record, with who took it back and when, and the lead can be ' +
    'ordered to be destroyed anew.',
  roles: DISPOSERS,
  params,
  unknown: 'unknown_disposal',
  answers: { 200: { description: 'The order, withdrawn', schema: disposalView } },
  problems: ['already_settled'],
  async create(context, { params: { id }, caller }, tx) {
    const by = `key:${caller.keyId}`;
    const found = await requireDisposal(tx, id);
    if (found.opened_by !== by && caller.role !== 'admin') throw new DomainError('forbidden', 'Whoever gave the order takes it back, or an admin.');
    const withdrawn = await withdrawOrder(tx, id, by, context.now());
    if (!withdrawn) throw new DomainError('already_settled', 'It does not wait for anybody to agree, so it cannot be taken back.');
    return { status: 200, body: viewOfWithdrawn(withdrawn), announce: [withdrawn.lead_id] };
  },
});

const show = route({
  method: 'get',
  path: '/v1/disposals/{id}',
  operation: 'readDisposal',
  tag: 'Disposals',
  summary: 'Read how far a disposal has come',
  description: 'What each store has said, with its evidence, and who is waited for.',
  roles: RECORD_READERS,
  params,
  unknown: 'unknown_disposal',
  answers: { 200: { description: 'The disposal', schema: disposalView } },
  async handle({ db, now }, { params: { id } }) {
    const withdrawn = await findWithdrawnOrder(db, id);
    return { status: 200, body: withdrawn ? viewOfWithdrawn(withdrawn) : await read(db, await requireDisposal(db, id), now()) };
  },
});

const certificate = route({
  method: 'get',
  path: '/v1/disposals/{id}/certificate',
  operation: 'certifyDisposal',
  tag: 'Disposals',
  summary: 'The signed certificate of a disposal',
  description:
    'In the manner of NIST SP 800-88: what was destroyed where, how, when, on whose word, what was looked for afterwards, and from which day no backup can bring it ' +
    'back. `npm run verify` and `POST /v1/proofs/verify` check it.',
  roles: RECORD_READERS,
  params,
  unknown: 'unknown_disposal',
  answers: { 200: { description: 'The certificate', schema: z.looseObject({ format: z.string(), kind: z.literal('disposal') }).meta({ id: 'DisposalCertificate' }) } },
  problems: ['disposal_open', 'already_settled'],
  async handle({ db }, { params: { id } }) {
    const { id: disposalId } = await requireDisposal(db, id);
    const signed = await findCertificate(db, disposalId);
    if (!signed) throw new DomainError('disposal_open', 'A store has yet to confirm; GET /v1/disposals/{id} says which.');
    return proofFile(signed, `disposal-${disposalId}`);
  },
});

const waive = route({
  method: 'post',
  path: '/v1/disposals/{id}/waive',
  operation: 'waiveStore',
  tag: 'Disposals',
  summary: 'Answer for a store that will not confirm',
  description: 'For receivers of webhooks that stay silent. Who did it and why stands in the certificate. Removing the endpoint does as well.',
  roles: DISPOSERS,
  params,
  unknown: 'unknown_disposal',
  body: z.strictObject({ store: z.literal('crm'), reason: plainReason }).meta({ id: 'StoreWaiver' }),
  answers: { 200: { description: 'The disposal', schema: disposalView } },
  problems: ['already_settled'],
  async create(context, { params: { id }, body: { store, reason }, caller }, tx) {
    const found = await requireDisposal(tx, id);
    const now = context.now();
    const isWaived = await waiveStore(tx, found.id, store, { by: `key:${caller.keyId}`, reason }, now);
    if (!isWaived) throw new DomainError('already_settled', 'It has confirmed, or was not asked yet.');
    await tellLeads(tx, [found.lead_id], { signal: 'lifecycleChanged', factId: found.id, said: `disposal: ${store} waived` }, now);
    return { status: 200, body: await read(tx, found, context.now()), announce: [found.lead_id] };
  },
});

const listOpen = route({
  method: 'get',
  path: '/v1/queues/open-disposals',
  operation: 'listOpenDisposals',
  tag: 'Queues',
  summary: 'List disposals that are not complete',
  description: 'Oldest first: those under way, with the stores that have yet to confirm, and orders that wait for a second person.',
  roles: RECORD_READERS,
  query: z.strictObject(page),
  answers: {
    200: {
      description: 'A page of disposals',
      schema: pageOf(disposalView).meta({ id: 'DisposalPage' }),
      headers: { Link: 'The next page, `rel="next"`' },
    },
  },
  async handle({ db, now }, { query, request }) {
    const after = decodeCursor(query.after, [UUID_PATTERN]);
    const found = await openDisposals(db, after?.[0] ?? null, query.limit + 1);
    const { items, next } = cutPage(found, query.limit, (last) => encodeCursor(last.id));
    return { status: 200, headers: nextPageHeaders(request, next), body: { items: await viewsOf(db, items, now()), next } };
  },
});

export const disposalRoutes = [order, approve, withdraw, show, certificate, waive, listOpen];

/** Lets an order be carried out. Refuses whoever gave it, and a disposal that waits for nobody. */
export async function agreeToDisposal(tx: Tx, found: DisposalRow, by: string, at: Date): Promise<DisposalAnswer> {
  if (found.opened_by === by) throw new DomainError('second_person_needed', 'Whoever gave the order cannot be the one who agrees; another key has to.');
  const approved = await approveDisposal(tx, found.id, by, at);
  if (!approved) throw new DomainError('already_settled', 'It does not wait for anybody to agree.');
  return read(tx, approved, at);
}

async function requireDisposal(db: Db, id: string): Promise<DisposalRow> {
  const found = await findDisposal(db, id);
  if (found) return found;
  if (await findWithdrawnOrder(db, id)) throw new DomainError('already_settled', 'This order was taken back.');
  throw new DomainError('unknown_disposal', 'Check the id; GET /v1/queues/open-disposals lists those that are open, and the timeline of a lead names its own.');
}

async function read(db: Db, row: DisposalRow, at: Date): Promise<DisposalAnswer> {
  const [view] = await viewsOf(db, [row], at);
  return view as DisposalAnswer;
}

async function viewsOf(db: Db, rows: readonly DisposalRow[], at: Date): Promise<DisposalAnswer[]> {
  const steps = await stepsOfDisposals(db, rows.map(({ id }) => id));
  const held = await heldAmong(db, rows.map(({ lead_id: leadId }) => leadId), at);
  return rows.map((row) => viewOfDisposal(row, steps.get(row.id) ?? [], held.has(row.lead_id)));
}
