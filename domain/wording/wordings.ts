import type { Channel, Purpose } from '../consent.ts';
import { german } from './de.ts';
import { english } from './en.ts';
import { french } from './fr.ts';
import { fill, type Language, type Wording } from './language.ts';
import { chinese } from './zh.ts';

/** What is said to persons, by language. */
export const WORDINGS: Record<Language, Wording> = { en: english, de: german, fr: french, zh: chinese };

/** Which edition of the product's own words somebody agreed to; raise it with every change of a statement. */
export const WORDING_VERSION = 'leadwarden-2026-11';

/** A channel and purpose in words. */
export function scopeWords({ channels, purposes, scope }: Wording, channel: Channel, purpose: Purpose): string {
  return fill(scope, { channel: channels[channel], purpose: purposes[purpose] });
}

/** A text that somebody is asked to agree to, and which edition of it that is. */
export interface Statement {
  text: string;
  version: string;
  language: string;
  /** Its paragraphs, each with the language that it is in: the words of a source are not always in that of the page. */
  parts: { text: string; language: string }[];
}

interface Agreed {
  channel: Channel;
  purpose: Purpose;
  text: { version: string; language: string; text: string } | null;
}

/**
 * What a person agrees to who follows a link: what was agreed to in the first place, word for word where its source has the text,
 * below our own sentence with every channel and purpose.
 */
export function statementOf(language: Language, kind: 'confirmation' | 'renewal', company: string, agreed: readonly Agreed[]): Statement {
  const wording = WORDINGS[language];
  const scopes = [...new Set(agreed.map(({ channel, purpose }) => scopeWords(wording, channel, purpose)))];
  const texts = [...new Map(agreed.flatMap(({ text }) => (text ? [[text.version, text] as const] : []))).values()];
  const own = [fill(wording[kind].statement, { company }), ...scopes.map((scope) => `– ${scope}`)].join('\n');
  const parts = [{ text: own, language }, ...texts.map(({ text, language: spoken }) => ({ text, language: spoken }))];
  const version = [WORDING_VERSION, ...texts.map((text) => text.version)].join('+');
  return { text: parts.map(({ text }) => text).join('\n\n'), version, language, parts };
}
