import type { Channel, Purpose } from '../consent.ts';
import type { SubjectRequestKind } from '../subject-request.ts';

/** The languages in which persons are written to; the first stands in for every other. */
export const LANGUAGES = ['en', 'de', 'fr', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A page or message that asks for a yes. */
export interface Asking {
  title: string;
  intro: string;
  /** What is agreed to where the source has no text of its own; one line for each scope follows. */
  statement: string;
  button: string;
  /** What to do who did not ask for this. */
  otherwise: string;
  doneTitle: string;
  done: string;
}

/** Everything that is said to persons in one language. In braces: {company}, {date}, {scope}, {source}. */
export interface Wording {
  channels: Record<Channel, string>;
  purposes: Record<Purpose, string>;
  /** A channel and a purpose, such as "Marketing by phone". */
  scope: string;
  confirmation: Asking;
  renewal: Asking;
  asked: {
    what: string;
    words: string;
    until: string;
    revocable: string;
  };
  mail: {
    confirmation: string;
    reminder: string;
    renewal: string;
    greeting: string;
    press: string;
    preferences: string;
    regards: string;
  };
  preferences: {
    title: string;
    intro: string;
    held: string;
    name: string;
    phone: string;
    email: string;
    sources: string;
    acquired: string;
    nothing: string;
    /** Stands for what is held and cannot be shown, because it lies in the archive. */
    archived: string;
    permissions: string;
    noPermissions: string;
    granted: string;
    grantedUntil: string;
    unconfirmed: string;
    expired: string;
    revoked: string;
    stopped: string;
    withdraw: string;
    allow: string;
    /** What is agreed to by pressing "allow again". */
    allowStatement: string;
    everything: string;
    everythingHint: string;
    withdrawEverything: string;
    request: string;
    requestHint: string;
    kind: string;
    kinds: Record<SubjectRequestKind, string>;
    statement: string;
    statementHint: string;
    send: string;
  };
  said: {
    withdrawn: string;
    withdrawnAll: string;
    allowed: string;
    requested: string;
    unsubscribed: string;
  };
  problem: {
    summary: string;
    kindMissing: string;
    statementTooLong: string;
    actionUnknown: string;
    goneTitle: string;
    gone: string;
    forgottenTitle: string;
    forgotten: string;
    busyTitle: string;
    busy: string;
    errorTitle: string;
    error: string;
  };
  manage: string;
  footer: string;
}

/** A text with its places filled. */
export function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);
}

/** The language that an `Accept-Language` header asks for first among ours, by RFC 9110: by weight, then by order. */
export function acceptedLanguage(header: string | undefined): Language {
  const wishes = (header ?? '').slice(0, 500).split(',').flatMap((part) => {
    const [tag = '', ...parameters] = part.trim().toLowerCase().split(';').map((each) => each.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const language = languageOf(tag);
    const q = weight === undefined ? 1 : Number(weight);
    return language && q > 0 && q <= 1 ? [{ language, q }] : [];
  });
  const [best] = wishes.sort((one, other) => other.q - one.q);
  return best?.language ?? LANGUAGES[0];
}

/** Our language for a BCP 47 tag, by its first part; null for none of ours. */
export function languageOf(tag: string): Language | null {
  return LANGUAGES.find((language) => language === tag.toLowerCase().split(/[-_]/)[0]) ?? null;
}

const LOCALES: Record<Language, string> = { en: 'en-GB', de: 'de', fr: 'fr', zh: 'zh-CN' };

/** A day as it is written in a language, in UTC. */
export function writtenDay(language: Language, instant: Date): string {
  return new Intl.DateTimeFormat(LOCALES[language], { dateStyle: 'long', timeZone: 'UTC' }).format(instant);
}
