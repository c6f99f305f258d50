import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { Tx } from '../db/connection.ts';
import { claimRequestKey, findRememberedRequest, rememberRequest } from '../db/idempotency.ts';
import { DomainError } from '../domain/problem.ts';
import type { Caller } from './authentication.ts';
import type { Answer } from './route.ts';

/** A request that may come again: the key it carries, and what it says. */
export interface RepeatableRequest {
  caller: Caller;
  key: string;
  /** Method, path and body: with the same key, these must be the same. */
  content: readonly (string | Buffer)[];
  now: Date;
}

/**
 * Runs a request once. Claim, facts and remembered answer are one transaction, so that a repetition finds either all of it or
 * nothing, whenever the process died. A refusal leaves nothing behind: repeated, the request is judged again.
 */
export async function runOnce(tx: Tx, request: RepeatableRequest, run: () => Promise<Answer>): Promise<Answer> {
  const { caller, key } = request;
  const requestKey = { apiKeyId: caller.keyId, key: nameOf(caller, key) };
  if (!(await claimRequestKey(tx, requestKey))) {
    throw new DomainError('idempotency_key_in_use', 'The first request with this key is still running; try again in a moment.');
  }
  const digest = digestOf(request);
  const known = await findRememberedRequest(tx, requestKey);
  if (known) {
    if (timingSafeEqual(known.digest, digest)) return replay(caller, key, known.status, known.sealedAnswer);
    throw new DomainError('idempotency_key_reused', 'This key came with another body, path or method before; use a new key for a new request.');
  }
  const answer = await run();
  const sealedAnswer = seal(caller, key, JSON.stringify({ body: answer.body, headers: answer.headers }));
  await rememberRequest(tx, requestKey, { digest, status: answer.status, sealedAnswer }, request.now);
  return answer;
}

function replay(caller: Caller, key: string, status: number, sealedAnswer: Buffer): Answer {
  const { body, headers } = JSON.parse(open(caller, key, sealedAnswer)) as Pick<Answer, 'body' | 'headers'>;
  return { status, body, headers: { ...headers, 'idempotency-replayed': 'true' } };
}

/** Callers may make their keys of a number or an address that a request is about, so a key is kept as a keyed digest as well. */
function nameOf(caller: Caller, key: string): string {
  return createHmac('sha256', caller.ownSecret).update(`idempotency key\0${key}`).digest('base64url');
}

/** Keyed by the caller's own secret: a plain digest of a body would let phone numbers be found by trying them all. */
function digestOf({ caller, content }: RepeatableRequest): Buffer {
  const mac = createHmac('sha256', caller.ownSecret);
  for (const part of content) mac.update(`${part.length}:`).update(part);
  return mac.digest();
}

const CIPHER = 'aes-256-gcm';
const IV = 12;
const TAG = 16;

/** Answers can hold what is secret (a new API key) or masked personal data: nobody but the caller can read them again. */
function seal(caller: Caller, key: string, plain: string): Buffer {
  const iv = randomBytes(IV);
  const cipher = createCipheriv(CIPHER, sealingKey(caller), iv, { authTagLength: TAG }).setAAD(Buffer.from(key));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function sealingKey(caller: Caller): KeyObject {
  return createSecretKey(createHmac('sha256', caller.ownSecret).update('remembered answers').digest());
}

function open(caller: Caller, key: string, sealed: Buffer): string {
  const iv = sealed.subarray(0, IV);
  const decipher = createDecipheriv(CIPHER, sealingKey(caller), iv, { authTagLength: TAG }).setAAD(Buffer.from(key));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
  return Buffer.concat([decipher.update(sealed.subarray(IV, sealed.length - TAG)), decipher.final()]).toString();
}
