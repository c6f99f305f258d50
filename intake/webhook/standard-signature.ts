import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { headerOf, isRecent, type SignedRequest, type WebhookAdapter } from './adapter.ts';
import { isSignature } from './equal.ts';

const PREFIX = 'whsec_';
const SHAPE = /^whsec_[A-Za-z0-9+/]{22,88}={0,2}$/;
const MOST_SIGNATURES = 10;

/** The signatures of Standard Webhooks 1.0 (`v1`, HMAC-SHA256 over id, time and body), as several providers use them. */
export const standardSignature = {
  createSecret: () => PREFIX + randomBytes(32).toString('base64'),
  faultOf(secret) {
    const length = SHAPE.test(secret) ? keyOf(secret).symmetricKeySize ?? 0 : 0;
    return length >= 24 && length <= 64 ? null : 'must be whsec_ and 24 to 64 bytes in base64';
  },
  isGenuine(request, secret, now) {
    const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) => headerOf(request, `webhook-${name}`));
    if (!id || !timestamp || !signatures || !/^\d{1,12}$/.test(timestamp) || !isRecent(Number(timestamp) * 1_000, now)) return false;
    const expected = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(request.body).digest();
    // While a secret is being changed, a sender may sign with both.
    const given = signatures.split(' ', MOST_SIGNATURES).filter((signature) => signature.startsWith('v1,'));
    return given.map((signature) => isSignature(signature.slice(3), expected)).includes(true);
  },
} satisfies Pick<WebhookAdapter, 'createSecret' | 'faultOf' | 'isGenuine'>;

/** The id of the message, which a genuine request has. */
export function messageId(request: SignedRequest): string {
  return headerOf(request, 'webhook-id') ?? '';
}

function keyOf(secret: string): KeyObject {
  return createSecretKey(secret.slice(PREFIX.length), 'base64');
}
