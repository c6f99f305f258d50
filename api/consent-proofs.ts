import { z } from 'zod';
import { recordAccess } from '../db/access-log.ts';
import { findLeads } from '../db/lead-views.ts';
import { openFirstRecords } from '../db/person-records.ts';
import { DomainError } from '../domain/problem.ts';
import { consentOnRecord, requireGrant } from '../gate/consent-proofs.ts';
import { proveConsent, receiptOf } from '../proof/consent-proof.ts';
import { commitToNumber } from '../proof/opening.ts';
import { KEYS_PATH } from '../proof/public-key.ts';
import type { PersonalRecord } from '../intake/personal-record.ts';
import { consentCertificateView, consentOpeningView, consentReceiptView } from './consent-proof-views.ts';
import type { ApiContext } from './context.ts';
import { UUID_PATTERN } from './cursor.ts';
import { uuid } from './fields.ts';
import { proofFile } from './proofs.ts';
import { accessHeaders, inArchive, requireReason } from './reveal.ts';
import { RECORD_READERS, REVEALERS } from './roles.ts';
import { route } from './route.ts';

const params = z.object({ id: uuid.regex(UUID_PATTERN) });

const certificate = route({
  method: 'get',
  path: '/v1/consents/{id}/certificate',
  operation: 'certifyConsent',
  tag: 'Consents',
  summary: 'A signed record of a consent',
  description:
    'Shaped like the consent record of ISO/IEC TS 27560:2023: the words that were shown, purpose, channel, times, all that came after, and how it stands now. Names ' +
    'the person by a digest only. `npm run verify` and `POST /v1/proofs/verify` check it.',
  roles: RECORD_READERS,
  params,
  unknown: 'unknown_consent',
  answers: { 200: { description: 'The record', schema: consentCertificateView } },
  async handle(context, { params: { id } }) {
    return proofFile(proveConsent(await read(context, id), issuedBy(context), context.signing), `consent-${id.toLowerCase()}`);
  },
});

const receipt = route({
  method: 'get',
  path: '/v1/consents/{id}/receipt',
  operation: 'receiptOfConsent',
  tag: 'Consents',
  summary: 'A signed receipt of a consent, for the person',
  description: 'What they agreed to, with whom, how it stands, how it is taken back, and the digest of the record. Checked like the record.',
  roles: RECORD_READERS,
  params,
  unknown: 'unknown_consent',
  answers: { 200: { description: 'The receipt', schema: consentReceiptView } },
  async handle(context, { params: { id } }) {
    return proofFile(receiptOf(await read(context, id), issuedBy(context), context.signing), `receipt-${id.toLowerCase()}`);
  },
});

const opening = route({
  method: 'get',
  path: '/v1/consents/{id}/opening',
  operation: 'openConsent',
  tag: 'Consents',
  summary: 'What shows whose consent it is',
  description: 'For the holder of the phone number: with number and opening they show that record and receipt are about them.',
  roles: REVEALERS,
  params,
  unknown: 'unknown_consent',
  headers: accessHeaders,
  answers: { 200: { description: 'The opening', schema: consentOpeningView } },
  problems: ['access_reason_missing', 'lead_disposed', 'lead_archived'],
  async handle(context, { params: { id }, headers, caller }) {
    const reason = requireReason(headers['access-reason']);
    const { db, vault, now } = context;
    const { id: consentId, lead_id: leadId } = await requireGrant(db, id);
    const [lead] = await findLeads(db, [leadId]);
    if (lead?.archived_at) throw inArchive();
    const access = { leadId, actor: `key:${caller.keyId}`, fields: ['opening'], reason, at: now() };
    const recorded = await db.transaction().execute((tx) => recordAccess(tx, vault, access));
    const person = (await openFirstRecords(db, vault, [leadId])).get(leadId)?.[0] as PersonalRecord | undefined;
    if (!recorded || person?.phone === undefined) throw new DomainError('lead_disposed', 'The number is forgotten, and nobody can show whose it was.');
    const key = vault.openingKey(consentId);
    return { status: 200, body: { consentId, opening: key.toString('hex'), digest: commitToNumber(key, person.phone).toString('hex') } };
  },
});

export const consentProofRoutes = [certificate, receipt, opening];

function read({ db, vault, now }: ApiContext, id: string) {
  return consentOnRecord(db, vault, id.toLowerCase(), now());
}

function issuedBy({ now }: ApiContext) {
  return { issuedAt: now(), keysUrl: KEYS_PATH };
}
