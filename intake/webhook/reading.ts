import { createHash } from 'node:crypto';
import type { Channel, Grade, Purpose } from '../../domain/consent.ts';
import { CHANNELS, GRADES, PURPOSES } from '../../domain/consent.ts';
import { readMessage } from '../../domain/opt-out-words.ts';
import type { ReadEvent, WebhookAct, WebhookEvent, WebhookMapping, WebhookProblem } from '../../domain/webhook.ts';
import { CLOCK_SKEW_MS, EMAIL, LONGEST_EMAIL, WORD } from '../accepted-values.ts';
import { normalisePhone } from '../phone/normalise-phone.ts';
import { PHONE_REFUSALS, type PhoneResult } from '../phone/phone-result.ts';
import type { RawEvent } from './adapter.ts';
import { textOf } from './payload.ts';

/** What an event is read with. */
export interface ReadingContext {
  mapping: WebhookMapping;
  /** Country in which national numbers are read. */
  region: string | null;
  receivedAt: Date;
  numbersItsEvents?: boolean | undefined;
}

const LONGEST_STATEMENT = 2_000;
const LONGEST_ID = 255;

/**
 * Reads one event as it was meant. What an opt-out does not say clearly is taken as widely as it can be meant; a grant that is
 * not clear is none.
 */
export function readEvent(raw: RawEvent, context: ReadingContext): ReadEvent {
  const { key } = raw;
  const id = shownId(raw.id, context);
  if (raw.type === 'unreadable') return unreadable(raw, id, context);
  if (raw.id === '') return { id: 'none', key: newKey(raw, context), problem: { code: 'event_id_missing', detail: 'It has no id by which a repetition would be known.' } };
  const act = actOf(raw, context);
  const phone = normalisePhone(textOf(raw.fields.phone) ?? '', context.region ?? undefined);
  const person = personOf(raw, phone);
  const problem = act === 'ignore' || act === 'help' ? null : faultOf(raw, act, { context, phone, person });
  if (problem) return { id, key, problem };
  return {
    id, key, act,
    byMessage: raw.type === 'message',
    ...person,
    merged: raw.merged ?? [],
    channels: channelsOf(raw, act, context.mapping),
    purpose: purposeOf(raw, act, context.mapping) ?? 'all',
    at: momentOf(raw.fields.at, context) ?? context.receivedAt,
    expiresAt: raw.fields.expiresAt === undefined || raw.fields.expiresAt === null ? null : dateOf(raw.fields.expiresAt),
    grade: gradeOf(raw.fields.grade),
    textVersion: wordOf(raw.fields.textVersion),
    method: wordOf(raw.fields.method),
    statement: statementOf(raw.fields.statement),
  };
}

function unreadable(raw: RawEvent, id: string, context: ReadingContext): ReadEvent {
  const problem = { code: 'not_an_object', detail: 'It is no object, so that nothing can be read from it.' };
  return raw.id === '' ? { id: 'none', key: newKey(raw, context), problem } : { id, key: raw.key, problem };
}

/** What only names an event; anything else may tell of somebody, and is shown as a digest. */
const PLAIN_ID = /^[A-Za-z0-9][A-Za-z0-9_.:#-]{0,127}$/;
/** As long as a telephone number, and nothing but digits. */
const LIKE_A_NUMBER = /^\d{7,15}$/;

function shownId(id: string, { numbersItsEvents }: ReadingContext): string {
  if (PLAIN_ID.test(id) && (numbersItsEvents === true || !LIKE_A_NUMBER.test(id))) return id;
  return `sha256:${createHash('sha256').update(id).digest('hex').slice(0, 32)}`;
}

/** Two events without an id are not the same for that. */
function newKey({ key }: RawEvent, { receivedAt }: ReadingContext): string {
  return `${receivedAt.getTime()} ${key}`;
}

function actOf(raw: RawEvent, { mapping: { states = {}, channels = {} } }: ReadingContext): WebhookAct {
  const channel = textOf(raw.fields.channel);
  if (channel !== null && Object.hasOwn(channels, channel) && channels[channel] === 'ignore') return 'ignore';
  switch (raw.type) {
    case 'unknown': case 'unreadable': return 'ignore';
    case 'state': {
      const state = textOf(raw.fields.state);
      return state !== null && Object.hasOwn(states, state) ? states[state] ?? 'ignore' : 'ignore';
    }
    case 'message': return messageAct(raw);
    default: return raw.type;
  }
}

/** What the provider made of a keyword counts as well: it may know words that we do not. */
function messageAct({ keyword, fields }: RawEvent): WebhookAct {
  const meaning = readMessage(typeof fields.statement === 'string' ? fields.statement.slice(0, LONGEST_STATEMENT) : '');
  if (keyword === 'STOP' || meaning === 'opt_out') return 'opt_out';
  if (keyword === 'START' || meaning === 'start') return 'start';
  if (keyword === 'HELP' || meaning === 'help') return 'help';
  return meaning === 'unclear' ? 'unclear' : 'ignore';
}

type Named = Pick<WebhookEvent, 'phone' | 'email' | 'reference'>;

function faultOf(
  raw: RawEvent, act: WebhookAct, { context, phone, person }: { context: ReadingContext; phone: PhoneResult; person: Named },
): WebhookProblem | null {
  const { fields } = raw;
  const isGiven = fields.phone !== undefined && fields.phone !== null && fields.phone !== '';
  if (isGiven && !phone.ok) return { code: 'invalid_phone', detail: `The phone is none that can be called: ${PHONE_REFUSALS[phone.code]}.` };
  if (person.phone === null && person.email === null && person.reference === null) return { code: 'nobody_named', detail: 'It names nobody by phone, e-mail or reference.' };
  if (act === 'start' && !isOneChannel(channelsOf(raw, act, context.mapping))) return CHANNEL_UNCLEAR;
  return act === 'grant' ? grantFaultOf(raw, context) : null;
}

const CHANNEL_UNCLEAR = { code: 'channel_unclear', detail: `A consent names one channel: ${CHANNELS.join(', ')}.` };

function isOneChannel(channels: readonly (Channel | 'all')[]): boolean {
  return channels.length === 1 && !channels.includes('all');
}

function grantFaultOf(raw: RawEvent, context: ReadingContext): WebhookProblem | null {
  const { fields } = raw;
  if (!isOneChannel(channelsOf(raw, 'grant', context.mapping))) return CHANNEL_UNCLEAR;
  if (purposeOf(raw, 'grant', context.mapping) === null) return { code: 'purpose_unclear', detail: `A consent names one purpose: ${PURPOSES.join(', ')}.` };
  if (fields.at !== undefined && momentOf(fields.at, context) === null) return { code: 'time_unclear', detail: 'A consent was given at a moment that is not to come, as RFC 3339 or milliseconds.' };
  if (fields.expiresAt !== undefined && fields.expiresAt !== null && dateOf(fields.expiresAt) === null) return { code: 'time_unclear', detail: 'The end of a consent is a moment, as RFC 3339 or milliseconds.' };
  if (fields.grade !== undefined && gradeOf(fields.grade) === null) return { code: 'grade_unclear', detail: `A grade is one of: ${GRADES.join(', ')}.` };
  return null;
}

function personOf({ fields }: RawEvent, phone: PhoneResult): Named {
  const email = textOf(fields.email)?.trim() ?? null;
  const reference = textOf(fields.reference);
  return {
    phone: phone.ok ? phone.e164 : null,
    email: email !== null && email.length <= LONGEST_EMAIL && EMAIL.test(email) ? email : null,
    reference: reference !== null && reference.length <= LONGEST_ID ? reference : null,
  };
}

const CHANNEL_WORDS: Record<string, Channel | 'all'> = {
  call: 'call', calls: 'call', voice: 'call', telephone: 'call', sms: 'sms', text: 'sms', texts: 'sms', mms: 'sms',
  email: 'email', 'e-mail': 'email', mail: 'email', all: 'all',
};

/** A phone is called and written to: not to want it is not to want either; to agree is to agree to calls. */
function channelsOf(raw: RawEvent, act: WebhookAct, mapping: WebhookMapping): readonly (Channel | 'all')[] {
  const word = textOf(raw.fields.channel);
  if (word === null) return [mapping.channel ?? 'all'];
  const own = Object.hasOwn(mapping.channels ?? {}, word) ? mapping.channels?.[word] : undefined;
  if (own !== undefined && own !== 'ignore') return [own];
  const plain = word.trim().toLowerCase();
  if (plain === 'phone') return act === 'grant' ? ['call'] : ['call', 'sms'];
  return [Object.hasOwn(CHANNEL_WORDS, plain) ? CHANNEL_WORDS[plain] ?? 'all' : 'all'];
}

/** Null for a grant that does not say what for. The word by which somebody starts again never does: that is marketing. */
function purposeOf(raw: RawEvent, act: WebhookAct, mapping: WebhookMapping): Purpose | 'all' | null {
  const word = textOf(raw.fields.purpose);
  const isMapped = word !== null && Object.hasOwn(mapping.purposes ?? {}, word);
  const named = isMapped ? mapping.purposes?.[word] : PURPOSES.find((purpose) => purpose === word?.trim().toLowerCase());
  const usual = word === null ? mapping.purpose : undefined;
  if (act === 'grant') return named === 'all' ? null : named ?? usual ?? null;
  if (act === 'start') return named === 'all' ? 'marketing' : named ?? usual ?? 'marketing';
  return named ?? usual ?? 'all';
}

/** When it happened; null where that cannot be, or is still to come. */
function momentOf(value: unknown, { receivedAt }: ReadingContext): Date | null {
  const moment = dateOf(value);
  if (moment === null || moment.getTime() > receivedAt.getTime() + CLOCK_SKEW_MS) return null;
  return moment < receivedAt ? moment : receivedAt;
}

const MOMENT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?$/;
const [EARLIEST, LATEST] = [Date.UTC(1900, 0, 1), Date.UTC(10_000, 0, 1)];

/** RFC 3339, or milliseconds since 1970. */
function dateOf(value: unknown): Date | null {
  const ms = typeof value === 'number' ? value : typeof value === 'string' && MOMENT.test(value) ? Date.parse(value) : Number.NaN;
  return ms >= EARLIEST && ms < LATEST ? new Date(ms) : null;
}

function gradeOf(value: unknown): Grade | null {
  return GRADES.find((grade) => grade === value) ?? null;
}

function wordOf(value: unknown): string | null {
  return typeof value === 'string' && WORD.test(value) ? value : null;
}

function statementOf(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null;
  return value.replaceAll('\0', '').toWellFormed().slice(0, LONGEST_STATEMENT);
}
