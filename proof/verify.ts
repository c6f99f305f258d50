import { canonicalJson } from './canonical-json.ts';
import { PROOF_FORMAT } from './clearance-proof.ts';
import { explain } from './explanation.ts';
import { listChecks } from './list-checks.ts';
import { opens } from './opening.ts';
import { isSignedWith, thumbprint } from './public-key.ts';

/** What was found out about one point; `ok` is null where it could not be looked at. */
export interface Check {
  name: 'format' | 'key' | 'signature' | 'signer' | 'person' | 'release' | 'listing';
  ok: boolean | null;
  detail: string;
}

export interface Verdict {
  valid: boolean;
  checks: Check[];
  explanation: string;
}

/**
 * What a proof is held against: public keys (base64url) that are known to be the company's, and the number that it is said to be
 * about, with the opening that shows it.
 */
export interface Against {
  trusted?: readonly string[] | undefined;
  claim?: { opening?: string | undefined; e164: string } | undefined;
}

interface Signed {
  content: Record<string, unknown>;
  signature: { alg: string; kid: string; x: string; value: string };
}

/**
 * What a file proves, by itself: needs no server and no database. Every value of the file is under the signature, so that any
 * change is found. Never throws.
 */
export function verifyProof(proof: unknown, { trusted, claim }: Against = {}): Verdict {
  const signed = signedPart(proof);
  if (!signed) {
    const detail = `This is not a ${PROOF_FORMAT} file, or a part of it is missing.`;
    const checks: Check[] = [{ name: 'format', ok: false, detail }];
    return { valid: false, checks, explanation: explain(null, checks) };
  }
  const signer = signerCheck(signed, trusted);
  const lists = listChecks(signed.content.lists, { trusted, e164: claim?.e164 });
  const checks = [FORMAT_CHECK, keyCheck(signed), signatureCheck(signed), signer, ...personCheck(signed, claim), ...lists];
  const valid = checks.every(({ ok }) => ok !== false);
  return { valid, checks, explanation: explain(valid ? signed.content : null, checks) };
}

const KINDS = new Set<unknown>(['clearance', 'listing', 'consent', 'consent_receipt', 'disposal']);

const FORMAT_CHECK: Check = { name: 'format', ok: true, detail: `The file is a ${PROOF_FORMAT}, as it says.` };

/** What is signed and the signature; null when it is not a proof at all, or its signature says more than a signature does. */
function signedPart(proof: unknown): Signed | null {
  if (!isObject(proof)) return null;
  const { signature, ...content } = proof;
  if (!isObject(signature) || Object.keys(signature).sort().join() !== 'alg,kid,value,x') return null;
  const { alg, kid, x, value } = signature;
  if (typeof alg !== 'string' || typeof kid !== 'string' || typeof x !== 'string' || typeof value !== 'string') return null;
  if (content.format !== PROOF_FORMAT || !KINDS.has(content.kind) || !isObject(content.person)) return null;
  return { content, signature: { alg, kid, x, value } };
}

function keyCheck({ signature: { alg, kid, x } }: Signed): Check {
  const ok = alg === 'Ed25519' && thumbprint(x) === kid;
  const detail = ok ? 'The key in the file is the one that the file names.' : 'The key in the file is not the one that the file names.';
  return { name: 'key', ok, detail };
}

function signatureCheck({ content, signature }: Signed): Check {
  const text = canonicalText(content);
  const ok = text !== null && isSignedWith(signature.x, text, signature.value);
  const detail = ok
    ? 'Nothing in the file was changed since it was signed.'
    : 'The signature does not belong to this content: something was changed.';
  return { name: 'signature', ok, detail };
}

/** Null for a content that has no canonical form: nobody can have signed that. */
function canonicalText(content: object): string | null {
  try {
    return canonicalJson(content);
  } catch {
    return null;
  }
}

function signerCheck({ signature }: Signed, trusted: readonly string[] | undefined): Check {
  if (!trusted) {
    return { name: 'signer', ok: null, detail: 'Not checked: no public key of the company was given. Anybody can sign with a key of their own.' };
  }
  const ok = trusted.includes(signature.x);
  return { name: 'signer', ok, detail: ok ? 'The key is among the public keys given.' : 'The key is not among the public keys given.' };
}

function personCheck({ content }: Signed, claim: Against['claim']): Check[] {
  if (!claim) return [];
  if (claim.opening === undefined) {
    return [{ name: 'person', ok: null, detail: 'Not checked: without the opening nothing shows that the file speaks of this number.' }];
  }
  const digest = isObject(content.person) ? content.person.digest : null;
  const ok = typeof digest === 'string' && opens(digest, claim.opening, claim.e164);
  const detail = ok ? 'The number and its opening are those that the file speaks of.' : 'The file does not speak of this number, or the opening is another one.';
  return [{ name: 'person', ok, detail }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
