import { z } from 'zod';
import { checksOfConsent, failedChecks, insertChecks, type CertificateCheck } from '../db/certificate-checks.ts';
import type { Db } from '../db/connection.ts';
import { findConsentEvent } from '../db/consents.ts';
import { openFact } from '../db/person-records.ts';
import type { ConsentEventRow } from '../db/schema.ts';
import { CERTIFICATE_PROVIDERS, CERTIFICATE_REASONS, CERTIFICATE_RESULTS } from '../domain/certificate.ts';
import type { ConsentEvidence } from '../domain/consent.ts';
import { DomainError } from '../domain/problem.ts';
import { newChecks } from '../intake/certificates.ts';
import { certificateWorkflowId } from '../workflows/messages.ts';
import type { ApiContext } from './context.ts';
import { UUID_PATTERN } from './cursor.ts';
import { answeredInstant, page, pageOf, uuid } from './fields.ts';
import { requireLockedLead } from './locked-lead.ts';
import { pageById } from './pages.ts';
import { FACT_REPORTERS, LEAD_READERS, QUEUE_KEEPERS } from './roles.ts';
import { route } from './route.ts';

/** More questions than this about one consent say nothing new. */
const SHOWN_CHECKS = 50;

const check = z
  .object({
    checkId: uuid,
    consentId: uuid,
    leadId: uuid,
    provider: z.enum(CERTIFICATE_PROVIDERS),
    result: z.enum(CERTIFICATE_RESULTS).meta({ description: '`unverified`: nobody who knows has answered; time alone never changes that' }),
    reason: z.string().nullable().meta({ description: `What the answer says: ${Object.keys(CERTIFICATE_REASONS).join(', ')}` }),
    problem: z.string().nullable().meta({ description: 'Why there is no answer: that of the last attempt' }),
    attempts: z.int().min(0),
    requestedAt: answeredInstant,
    requestedBy: z.string(),
    triedAt: answeredInstant.nullable(),
    answeredAt: answeredInstant.nullable(),
    endedAt: answeredInstant.nullable().meta({ description: 'null while it is under way' }),
    answerDigest: z.string().nullable().meta({ description: 'SHA-256 of the answer as it came; the answer itself is kept sealed' }),
    workflowId: z.string(),
    links: z.object({ temporal: z.string().nullable() }),
  })
  .meta({ id: 'CertificateCheck' });

const verification = z
  .object({
    consentId: uuid,
    result: z.enum(CERTIFICATE_RESULTS).nullable().meta({ description: 'Of the last check that was answered, else unverified; null: the evidence names no certificate that is known here' }),
    checks: z.array(check).meta({ description: 'Newest first' }),
  })
  .meta({ id: 'ConsentVerification' });

const params = z.object({ id: uuid.regex(UUID_PATTERN) });

const read = route({
  method: 'get',
  path: '/v1/consents/{id}/verification',
  operation: 'readVerification',
  tag: 'Consents',
  summary: 'Read what a third party says of the certificate of a consent',
  description: 'Every time it was asked, and what came of it. A certificate that failed is shown and waits in a queue; the consent itself stays as it is.',
  roles: LEAD_READERS,
  params,
  unknown: 'unknown_consent',
  answers: { 200: { description: 'The verification', schema: verification } },
  async handle(context, { params: { id } }) {
    const { id: consentId } = await requireConsent(context.db, id);
    return { status: 200, body: await verificationOf(context, context.db, consentId) };
  },
});

const ask = route({
  method: 'post',
  path: '/v1/consents/{id}/verification',
  operation: 'verifyConsent',
  tag: 'Consents',
  summary: 'Ask a third party about the certificate of a consent',
  description: 'Asks again, unless a question is under way. Its workflow goes on until there is an answer, for three days at most.',
  roles: FACT_REPORTERS,
  params,
  unknown: 'unknown_consent',
  answers: { 202: { description: 'The question is under way', schema: verification } },
  problems: ['no_certificate', 'lead_disposed'],
  async create(context, { params: { id }, caller }, tx) {
    const consent = await requireConsent(tx, id);
    await requireLockedLead(tx, consent.lead_id);
    const [last] = await checksOfConsent(tx, consent.id, 1);
    if (last?.ended_at === null) return { status: 202, body: await verificationOf(context, tx, consent.id), announce: [last.id] };
    const evidence = (await openFact(tx, context.vault, consent.lead_id, consent.id)) as ConsentEvidence | null;
    const checks = newChecks([{ consentId: consent.id, leadId: consent.lead_id, evidence }], `key:${caller.keyId}`, context.now());
    if (checks.length === 0) throw new DomainError('no_certificate', 'Known are TrustedForm certificate URLs and LeadiD tokens, as evidence.certificate.');
    await insertChecks(tx, checks, 0);
    return { status: 202, body: await verificationOf(context, tx, consent.id), announce: checks.map((each) => each.id) };
  },
});

const listFailed = route({
  method: 'get',
  path: '/v1/queues/failed-certificates',
  operation: 'listFailedCertificates',
  tag: 'Queues',
  summary: 'List consents whose certificate failed',
  description:
    'Oldest first, as of the last answer about each. The gate decides as before: whoever looks through this list withdraws, suspends the source, or asks again.',
  roles: QUEUE_KEEPERS,
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of checks', schema: pageOf(check).meta({ id: 'CertificateCheckPage' }), headers: { Link: 'The next page, `rel="next"`' } } },
  async handle(context, call) {
    return pageById(call, (after, most) => failedChecks(context.db, after, most), (each) => checkOf(context, each));
  },
});

export const verificationRoutes = [read, ask, listFailed];

/** A consent event that is on record. Refuses an id that is not. */
export async function requireConsent(db: Db, id: string): Promise<ConsentEventRow> {
  const found = await findConsentEvent(db, id);
  if (found) return found;
  throw new DomainError('unknown_consent', 'Check the id; GET /v1/leads/{id}/consents lists the consents of a lead.');
}

async function verificationOf(context: ApiContext, db: Db, consentId: string): Promise<z.infer<typeof verification>> {
  const checks = await checksOfConsent(db, consentId, SHOWN_CHECKS);
  const known = checks.find(({ result }) => result !== 'unverified') ?? checks[0];
  return { consentId, result: known?.result ?? null, checks: checks.map((each) => checkOf(context, each)) };
}

function checkOf({ temporalUi }: ApiContext, row: CertificateCheck): z.infer<typeof check> {
  const { id, provider, result, reason, problem, attempts } = row;
  const workflowId = certificateWorkflowId(id);
  return {
    checkId: id, consentId: row.consent_id, leadId: row.lead_id, provider, result, reason, problem, attempts, workflowId,
    requestedAt: row.requested_at.toISOString(),
    requestedBy: row.requested_by,
    triedAt: row.tried_at?.toISOString() ?? null,
    answeredAt: row.answered_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    answerDigest: row.answer_digest,
    links: { temporal: temporalUi === null ? null : `${temporalUi}/workflows/${encodeURIComponent(workflowId)}` },
  };
}
