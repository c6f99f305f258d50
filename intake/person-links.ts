import { createHash, randomBytes } from 'node:crypto';
import type { Db } from '../db/connection.ts';
import { newId } from '../db/ids.ts';
import { findPersonLink, insertPersonLink, isForgottenLink, type PersonLinkRow } from '../db/person-links.ts';

const TOKEN_BYTES = 16;

/** What a token looks like: 128 bits in base64url. */
export const TOKEN_PATTERN = /^[A-Za-z0-9_-]{22}$/;

/** What a new link is to lead to, and until when. */
export type NewLink = { leadId: string; expiresAt: Date } & (
  | { kind: 'preferences' } | { kind: 'confirmation'; requestId: string } | { kind: 'request'; requestId: string }
);

/**
 * Makes a link to a page of one person's own and answers its token, which is written down nowhere: it is known to whoever is
 * handed it now, and to nobody afterwards.
 */
export async function mintLink(db: Db, link: NewLink, now: Date): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const { leadId, kind, expiresAt } = link;
  await insertPersonLink(db, {
    id: newId(),
    lead_id: leadId,
    kind,
    request_id: link.kind === 'confirmation' ? link.requestId : null,
    subject_request_id: link.kind === 'request' ? link.requestId : null,
    digest: digestOf(token),
    created_at: now,
    expires_at: expiresAt,
  });
  return token;
}

/** The link of a token while it can be used; null for any other text. */
export async function followLink(db: Db, kind: PersonLinkRow['kind'], token: string, now: Date): Promise<PersonLinkRow | null> {
  if (!TOKEN_PATTERN.test(token)) return null;
  const link = await findPersonLink(db, digestOf(token));
  return link?.kind === kind && link.expires_at > now ? link : null;
}

/** Whether a link led to somebody of whom nothing is held any more, and would lead there still. */
export async function leadsToForgotten(db: Db, token: string, now: Date): Promise<boolean> {
  return TOKEN_PATTERN.test(token) && isForgottenLink(db, digestOf(token), now);
}

/** The address of a page. */
export function pageUrl(publicUrl: string, kind: PersonLinkRow['kind'], token: string): string {
  return `${publicUrl.replace(/\/$/, '')}/${PATHS[kind]}/${token}`;
}

const PATHS: Record<PersonLinkRow['kind'], string> = { confirmation: 'confirm', preferences: 'preferences', request: 'requests' };

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
