import type { IncomingMessage } from 'node:http';
import { DomainError } from '../../domain/problem.ts';
import { acceptedLanguage, type Language } from '../../domain/wording/language.ts';
import type { Statement } from '../../domain/wording/wordings.ts';
import type { OwnAct } from '../../intake/confirmations.ts';
import { contentType, readBytes } from '../json-body.ts';
import type { ApiContext } from '../context.ts';

/** The content types in which browsers, and programs that press a button for somebody, send a form. */
export const FORM_TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data'] as const;

const LONGEST_FORM = 50_000;

export function languageOfVisitor(request: IncomingMessage): Language {
  return acceptedLanguage(request.headers['accept-language']);
}

/**
 * The address that a request came from: of the connection, or where proxies of ours stand in front, what the outermost of them
 * saw. What the visitor wrote into the header before that is nobody's word.
 */
export function addressOf(request: IncomingMessage, proxyHops: number): string {
  const connected = request.socket.remoteAddress ?? 'unknown';
  if (proxyHops === 0) return connected;
  const forwarded = String(request.headers['x-forwarded-for'] ?? '').split(',').map((part) => part.trim()).filter((part) => part !== '');
  return forwarded.at(-proxyHops) ?? connected;
}

/** What a visitor agrees to and who it was, as it is kept as evidence. */
export function ownActOf({ vault, proxyHops }: ApiContext, request: IncomingMessage, { text, version, language }: Omit<Statement, 'parts'>): OwnAct {
  return {
    text,
    textVersion: version,
    language,
    ipDigest: vault.keyedDigest(addressOf(request, proxyHops)),
    userAgentDigest: vault.keyedDigest(request.headers['user-agent'] ?? ''),
  };
}

/**
 * The fields of a form; files are left out. Refuses a form that another site has sent: the token in the address is what lets
 * somebody act, and a page elsewhere has no business with it. Programs say nothing of sites.
 */
export async function readForm(request: IncomingMessage): Promise<Map<string, string>> {
  const site = request.headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') throw new DomainError('forbidden', 'Send the form from the page itself.');
  const bytes = await readBytes(request);
  if (bytes.length > LONGEST_FORM) throw new DomainError('body_too_large', `A form has at most ${LONGEST_FORM} bytes here.`);
  const header = request.headers['content-type'] ?? '';
  if (bytes.length === 0) return new Map();
  if (contentType(header).type === FORM_TYPES[0]) return new Map(new URLSearchParams(bytes.toString('utf8')));
  return partsOf(bytes.toString('utf8'), header);
}

/** The plain fields of a `multipart/form-data` body, which is how some mail programs unsubscribe. */
function partsOf(body: string, header: string): Map<string, string> {
  const [, boundary] = /boundary="?([^";]+)"?/i.exec(header) ?? [];
  if (boundary === undefined) throw new DomainError('invalid_request', 'The form cannot be read.');
  const fields = new Map<string, string>();
  for (const part of body.split(`--${boundary}`)) {
    const end = part.indexOf('\r\n\r\n');
    const head = part.slice(0, Math.max(end, 0));
    const name = /[; ]name="([^"]*)"/i.exec(head)?.[1];
    if (name !== undefined && !/filename/i.test(head)) fields.set(name, part.slice(end + 4).replace(/\r\n$/, ''));
  }
  return fields;
}
