import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { apiKeyFinder } from '../db/api-keys.ts';
import type { Db } from '../db/connection.ts';
import { digestOf, keyIdOf } from './key-format.ts';
import { ROLES, type Role } from './roles.ts';

/** Who is calling. */
export interface Caller {
  keyId: string;
  role: Role;
  /** A secret that only this caller can bring along again: what is kept of its requests is sealed under it. */
  readonly ownSecret: KeyObject;
}

/** Finds the caller behind an `Authorization` header, or null when it names no key that is in use now. */
export type Authenticate = (header: string | undefined, options: { basic: boolean; now: Date }) => Promise<Caller | null>;

/** Looks callers up in the store every time, so that a key that was revoked is of no use from then on. */
export function authenticator(db: Db): Authenticate {
  const find = apiKeyFinder(db);
  return (header, options) => authenticate(find, header, options);
}

async function authenticate(
  find: ReturnType<typeof apiKeyFinder>, header: string | undefined, { basic, now }: Parameters<Authenticate>[1],
): Promise<Caller | null> {
  const key = presentedKey(header, basic);
  const id = key === null ? null : keyIdOf(key);
  if (key === null || id === null) return null;
  const known = await find(id);
  if (!known || !timingSafeEqual(digestOf(key), known.digest)) return null;
  if (known.revokedAt || (known.expiresAt && known.expiresAt <= now)) return null;
  const role = ROLES.find((each) => each === known.role);
  if (!role) return null;
  return {
    keyId: id,
    role,
    // Made when it is needed, which is seldom.
    get ownSecret() {
      return createSecretKey(createHmac('sha256', createSecretKey(key, 'utf8')).update('leadwarden caller').digest());
    },
  };
}

/** `Bearer <key>`, or, where a browser may log in, `Basic` with the key as password and any name. */
function presentedKey(header: string | undefined, basic: boolean): string | null {
  const [scheme, credentials, ...rest] = header?.trim().split(/ +/) ?? [];
  if (!scheme || !credentials || rest.length > 0) return null;
  if (scheme.toLowerCase() === 'bearer') return credentials;
  if (!basic || scheme.toLowerCase() !== 'basic') return null;
  const pair = Buffer.from(credentials, 'base64').toString();
  return pair.slice(pair.indexOf(':') + 1);
}
