import { z } from 'zod';
import { recordAccess } from '../db/access-log.ts';
import { DomainError } from '../domain/problem.ts';
import { proveNumber } from '../dnc/number-proofs.ts';
import { listingProofOf, proofOf, type Proving } from '../gate/clearance-proofs.ts';
import { requireClearance } from '../gate/recorded-clearance.ts';
import { proofText } from '../proof/clearance-proof.ts';
import { e164Of } from '../proof/opening.ts';
import { KEYS_PATH } from '../proof/public-key.ts';
import { verifyProof, type Against } from '../proof/verify.ts';
import type { ApiContext } from './context.ts';
import { UUID_PATTERN } from './cursor.ts';
import { text, uuid } from './fields.ts';
import { keysView, listingProofView, openingView, proofView, verdictView } from './proof-views.ts';
import { accessHeaders, requireReason } from './reveal.ts';
import { ANYONE, RECORD_READERS, REVEALERS } from './roles.ts';
import { route, type Answer } from './route.ts';

const LIST_PATHS_PATH = '/v1/dnc/proof';

const clearanceParams = z.object({ id: uuid.regex(UUID_PATTERN) });

const keys = route({
  method: 'get',
  path: KEYS_PATH,
  operation: 'readSigningKeys',
  tag: 'Proofs',
  summary: 'The public keys of proofs',
  description: 'Current and past ones, as a JWK set: with them anybody checks a proof without asking us.',
  roles: 'public',
  answers: { 200: { description: 'The keys', schema: keysView } },
  handle({ signing }) {
    return { status: 200, headers: { 'cache-control': 'public, max-age=300' }, body: { keys: signing.published } };
  },
});

const prove = route({
  method: 'get',
  path: '/v1/clearances/{id}/proof',
  operation: 'proveClearance',
  tag: 'Proofs',
  summary: 'A signed file that proves a clearance',
  description:
    'Self-contained and at most 10 KB; names the person by a digest only. `npm run verify` and `POST /v1/proofs/verify` check it. States the releases of the ' +
    'lists that were looked at; with `lists=paths` also what shows whether the number was on them, which tells which ten thousand numbers it is among.',
  roles: RECORD_READERS,
  params: clearanceParams,
  query: z.strictObject({ lists: z.enum(['roots', 'paths']).default('roots').meta({ description: 'What is put in of the lists' }) }),
  unknown: 'unknown_clearance',
  answers: { 200: { description: 'The proof', schema: proofView } },
  async handle(context, { params, query }) {
    const proof = await proofOf(provingIn(context), params.id, { withPaths: query.lists === 'paths' });
    return proofFile(proof, `clearance-${params.id.toLowerCase()}`);
  },
});

const proveList = route({
  method: 'post',
  path: LIST_PATHS_PATH,
  operation: 'proveListing',
  tag: 'Proofs',
  summary: 'A signed file that proves whether a number was on a list',
  description:
    'For a list that a clearance looked at, in the release that was in force at that moment, whatever came after. Whoever knows the number sees whether it was on ' +
    'the list; anybody else, which ten thousand numbers it is among. The first of a release takes some seconds where the list is large.',
  roles: RECORD_READERS,
  body: z.strictObject({ clearanceId: uuid, list: text(64).meta({ examples: ['us-federal'] }) }).meta({ id: 'ListingQuestion' }),
  answers: { 200: { description: 'The proof', schema: listingProofView } },
  problems: ['unknown_clearance', 'unknown_list', 'number_unknown'],
  async handle(context, { body }) {
    const proof = await listingProofOf(provingIn(context), body);
    return proofFile(proof, `listing-${proof.clearanceId}`);
  },
});

const opening = route({
  method: 'get',
  path: '/v1/clearances/{id}/opening',
  operation: 'openProof',
  tag: 'Proofs',
  summary: 'What shows whom a proof is about',
  description: 'For the holder of the phone number: with number and opening they show that the proof of this clearance is about them.',
  roles: REVEALERS,
  params: clearanceParams,
  unknown: 'unknown_clearance',
  headers: accessHeaders,
  answers: { 200: { description: 'The opening', schema: openingView } },
  problems: ['access_reason_missing'],
  async handle({ db, vault, now }, { params, headers, caller }) {
    const reason = requireReason(headers['access-reason']);
    const { row } = await requireClearance(db, params.id);
    if (row.lead_id !== null) {
      const access = { leadId: row.lead_id, actor: `key:${caller.keyId}`, fields: ['opening'], reason, at: now() };
      await db.transaction().execute((tx) => recordAccess(tx, vault, access));
    }
    const key = vault.openingKey(row.id).toString('hex');
    return { status: 200, body: { clearanceId: row.id, opening: key, digest: row.person.toString('hex') } };
  },
});

const claimed = z.strictObject({
  proof: z.unknown(),
  opening: text(128).optional(),
  phone: text(40).optional().meta({ description: 'With its country code; alone it shows whether the number was on the lists' }),
});

const check = route({
  method: 'post',
  path: '/v1/proofs/verify',
  operation: 'verifyProof',
  tag: 'Proofs',
  summary: 'Check a proof',
  description: 'Takes the file as it is, or `proof` with the opening and the number that it is said to be about. Our own keys are trusted.',
  roles: ANYONE,
  body: z.looseObject({}).meta({ description: 'A proof, or `{ proof, opening, phone }`' }),
  answers: { 200: { description: 'What was found', schema: verdictView } },
  handle({ signing }, { body }) {
    const { proof, claim } = claimIn(body);
    return { status: 200, body: verifyProof(proof, { trusted: signing.published.map(({ x }) => x), claim }) };
  },
});

export const proofRoutes = [keys, prove, proveList, opening, check];

function provingIn({ db, vault, signing, now }: ApiContext): Proving {
  const issued = { issuedAt: now(), keysUrl: KEYS_PATH, listPathsUrl: LIST_PATHS_PATH };
  return { db, vault, keys: signing, issued, pathOf: proveNumber };
}

/** A proof as a file to keep. */
export function proofFile(proof: object, name: string): Answer {
  const headers = { 'content-disposition': `attachment; filename="${name}.proof.json"` };
  return { status: 200, headers, content: { type: 'application/json; charset=utf-8', data: proofText(proof) } };
}

function claimIn(body: Record<string, unknown>): { proof: unknown; claim: Against['claim'] } {
  if (!('proof' in body)) return { proof: body, claim: undefined };
  const parsed = claimed.safeParse(body);
  const { proof, opening: key, phone } = parsed.success ? parsed.data : {};
  if (parsed.success && key === undefined && phone === undefined) return { proof, claim: undefined };
  const e164 = phone === undefined ? null : e164Of(phone);
  if (e164 !== null) return { proof, claim: { opening: key, e164 } };
  throw new DomainError('invalid_request', 'Send `proof`, and `phone` with or without its `opening`.', [
    { pointer: '/phone', code: 'wrong_format', detail: 'must be the number with + and its country code; an opening goes with it' },
  ]);
}
