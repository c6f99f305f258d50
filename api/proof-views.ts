import { z } from 'zod';
import { answeredInstant, uuid } from './fields.ts';

const words = z.record(z.string(), z.unknown());

/** Under every file that is signed. */
export const signatureView = z.object({ alg: z.literal('Ed25519'), kid: z.string(), x: z.string(), value: z.string() });

/** A proof file; its own signature says whether it is one. */
export const proofView = z
  .object({
    format: z.literal('leadwarden-proof/1'),
    kind: z.literal('clearance'),
    clearanceId: uuid,
    decision: z.enum(['allow', 'deny', 'hold']),
    at: answeredInstant,
    validUntil: answeredInstant.nullable(),
    notBefore: answeredInstant.nullable(),
    question: words,
    person: z.object({ digest: z.string(), algorithm: z.string() }).meta({ description: 'Commits to the phone number without telling it' }),
    reasons: z.array(words),
    facts: z.array(z.object({ type: z.string(), id: z.string().nullable(), digest: z.string() })),
    law: z.object({ policyVersion: z.string(), applied: z.array(words) }),
    lists: z.array(words),
    zones: z.array(z.string()),
    counts: z.array(words),
    settingsVersion: z.int(),
    omitted: z.record(z.string(), z.int()).meta({ description: 'How many items were left out for size' }),
    recordDigest: z.string().meta({ description: 'Of answer and facts, whole' }),
    issuedAt: answeredInstant,
    issuer: z.object({ keys: z.string(), listPaths: z.string().meta({ description: 'Where the paths are that the file does not have' }) }),
    signature: signatureView,
  })
  .meta({ id: 'Proof' });

/** As the one of a clearance, of one list. */
export const listingProofView = proofView
  .pick({ format: true, clearanceId: true, at: true, person: true, lists: true, issuedAt: true, issuer: true, signature: true })
  .extend({ kind: z.literal('listing') })
  .meta({ id: 'ListingProof' });

export const verdictView = z
  .object({
    valid: z.boolean(),
    checks: z.array(z.object({
      name: z.enum(['format', 'key', 'signature', 'signer', 'person', 'release', 'listing']),
      ok: z.boolean().nullable().meta({ description: 'null: could not be looked at' }),
      detail: z.string(),
    })),
    explanation: z.string().meta({ description: 'What it proves and what it does not, for people' }),
  })
  .meta({ id: 'ProofVerdict' });

export const openingView = z
  .object({
    clearanceId: uuid,
    opening: z.string().meta({ description: 'With the phone number it shows whom the proof of this clearance is about, and no other' }),
    digest: z.string().meta({ description: 'HMAC-SHA256 of the E.164 number under the opening: `person.digest` of the proof' }),
  })
  .meta({ id: 'ProofOpening' });

export const keysView = z
  .object({
    keys: z.array(z.object({
      kid: z.string(), kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), createdAt: answeredInstant, current: z.boolean(),
    })),
  })
  .meta({ id: 'SigningKeys' });

const answer = z.looseObject({ decision: z.string(), notBefore: answeredInstant.nullable(), reasons: z.array(words) });

export const replayView = z
  .object({
    clearanceId: uuid,
    then: answer.extend({ policyVersion: z.string(), at: answeredInstant }),
    now: answer.extend({ policyVersion: z.string(), at: answeredInstant }),
    equal: z.boolean(),
    differences: z.array(z.object({ path: z.string(), before: z.unknown(), after: z.unknown() })),
  })
  .meta({ id: 'Replay' });
