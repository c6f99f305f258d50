import type { GateConsent, GateFacts, ListState } from '../../domain/clearance.ts';
import { GRADES, PURPOSES } from '../../domain/consent.ts';
import type { Contact } from '../../domain/contact.ts';
import { LINE_TYPES } from '../../domain/clearance.ts';
import { RELATIONSHIP_KINDS } from '../../domain/relationship.ts';
import type { Chance } from './chance.ts';
import { LISTS } from './law-tables.ts';

export const YEAR_STARTS = new Date('2026-08-01T00:00:00Z');
export const YEAR_ENDS = new Date('2027-08-31T00:00:00Z');
const BEFORE = new Date('2025-06-01T00:00:00Z');
const DAY = 86_400_000;

type Lead = NonNullable<GateFacts['lead']>;
export type Person = { -readonly [K in keyof GateFacts]: GateFacts[K] extends readonly (infer T)[] ? T[] : GateFacts[K] };

/** Where people live, with the zones that their numbers may be in. */
const PLACES: readonly (readonly [jurisdictions: readonly string[], zones: readonly string[]])[] = [
  ...Object.entries({
    FL: ['America/New_York', 'America/Chicago'], OK: ['America/Chicago'], MD: ['America/New_York'], WA: ['America/Los_Angeles'],
    TX: ['America/Chicago', 'America/Denver'], CT: ['America/New_York'], KY: ['America/New_York', 'America/Chicago'],
    AL: ['America/Chicago'], LA: ['America/Chicago'], MS: ['America/Chicago'], MA: ['America/New_York'], MI: ['America/Detroit'],
    MN: ['America/Chicago'], NM: ['America/Denver'], NV: ['America/Los_Angeles'], ME: ['America/New_York'], PA: ['America/New_York'],
    OR: ['America/Los_Angeles', 'America/Boise'], GA: ['America/New_York'], WY: ['America/Denver'], NJ: ['America/New_York'],
    AZ: ['America/Phoenix', 'America/Denver'], CA: ['America/Los_Angeles'], NY: ['America/New_York'],
  }).map(([state, zones]) => [['US', `US-${state}`], zones] as const),
  [['US'], []],
  [['US', 'US-FL', 'US-WA'], ['America/New_York', 'America/Los_Angeles']],
  [['CA', 'US', 'US-MI'], ['America/Toronto', 'America/Detroit']],
  ...Array.from({ length: 3 }, () => [
    [['GB'], ['Europe/London']], [['FR'], ['Europe/Paris']], [['DE'], ['Europe/Berlin']], [['IT'], ['Europe/Rome']],
    [['CA'], ['America/Toronto', 'America/St_Johns']], [['AU'], ['Australia/Sydney', 'Australia/Perth', 'Australia/Adelaide']],
    [['SG'], ['Asia/Singapore']], [['IN'], ['Asia/Kolkata']], [['CN'], ['Asia/Shanghai']], [['JP'], ['Asia/Tokyo']],
  ] as const).flat(),
];

let ids = 0;
export const nextId = (kind: string): string => `${kind}-${++ids}`;

export function bornBy(chance: Chance): Person {
  const [jurisdictions, zones] = chance.oneOf(PLACES);
  const lead: Lead = {
    id: nextId('lead'), jurisdictions, zones, lineType: chance.happens(0.5) ? chance.oneOf(LINE_TYPES) : null,
    isCompany: chance.happens(0.1), archivedAt: rarely(chance, 0.02), disposedAt: rarely(chance, 0.01),
  };
  const known = chance.moment(new Date('2026-03-01T00:00:00Z'), YEAR_STARTS);
  const person: Person = {
    lead: chance.happens(0.99) ? lead : null,
    acquisitions: [acquired(chance, known)],
    consents: [], suppressions: [], relationships: [], contacts: [], lists: [], campaign: [], unclearOptOuts: [],
    openClearance: null, reassigned: null, portings: [],
  };
  if (chance.happens(0.8)) grant(chance, person, known);
  if (chance.happens(0.3)) person.acquisitions.push(acquired(chance, chance.moment(YEAR_STARTS, YEAR_ENDS)));
  if (chance.happens(0.3)) relate(chance, person);
  if (chance.happens(0.2)) person.portings.push(moved(chance), moved(chance));
  if (chance.happens(0.02)) {
    person.reassigned = { id: nextId('answer'), answer: chance.oneOf(['yes', 'no', 'no_data']), askedAt: known };
  }
  person.lists = LISTS.map(({ list, jurisdiction, overriddenBy }) => ({
    list, jurisdiction, effect: overriddenBy ? 'block_unless_consent' : 'annul_consent', release: null,
    listedSince: chance.happens(0.3) ? chance.moment(BEFORE, YEAR_ENDS) : null,
  } satisfies ListState));
  return person;
}

function moved(chance: Chance): Person['portings'][number] {
  return { id: nextId('porting'), at: chance.moment(BEFORE, YEAR_ENDS), lineType: chance.oneOf(LINE_TYPES) };
}

function rarely(chance: Chance, probability: number): Date | null {
  return chance.happens(probability) ? chance.moment(YEAR_STARTS, YEAR_ENDS) : null;
}

function acquired(chance: Chance, acquiredAt: Date): Person['acquisitions'][number] {
  const sourceKind = chance.oneOf(['web_form', 'event', 'purchase', 'partner', 'crm'] as const);
  return { id: nextId('acquisition'), sourceKind, acquiredAt, suspendedAt: rarely(chance, 0.03) };
}

function relate(chance: Chance, person: Person): void {
  const at = chance.moment(BEFORE, YEAR_ENDS);
  const endsAt = chance.happens(0.5) ? chance.moment(at, YEAR_ENDS) : null;
  person.relationships.push({ id: nextId('relationship'), kind: chance.oneOf(RELATIONSHIP_KINDS), at, endsAt });
}

export function grant(chance: Chance, person: Person, happenedAt: Date): void {
  const consent = eventAt(chance, happenedAt);
  person.consents.push(consent);
  if (consent.confirmation === 'double_opt_in' && chance.happens(0.7)) {
    const confirmedAt = new Date(happenedAt.getTime() + Math.floor(chance.next() * 5 * DAY));
    person.consents.push({ ...consent, id: nextId('consent'), kind: 'confirmed', happenedAt: confirmedAt, receivedAt: confirmedAt });
  }
}

function eventAt(chance: Chance, happenedAt: Date): GateConsent {
  return {
    id: nextId('consent'), kind: 'granted', channel: chance.oneOf(['call', 'call', 'call', 'sms', 'email'] as const),
    purpose: chance.happens(0.7) ? 'marketing' : chance.oneOf(PURPOSES),
    grade: chance.oneOf([...GRADES, 'express_written']), effect: 'in_force', carried: chance.happens(0.3), happenedAt,
    receivedAt: new Date(happenedAt.getTime() + 60_000),
    expiresAt: chance.happens(0.3) ? new Date(happenedAt.getTime() + Math.floor(chance.next() * 300 * DAY)) : null,
    confirmation: chance.happens(0.1) ? 'double_opt_in' : 'none', method: chance.oneOf(['dca', 'web_form', null]),
    namesSeller: chance.happens(0.6),
  };
}

export function withdraw(chance: Chance, person: Person, happenedAt: Date): void {
  const consent = eventAt(chance, happenedAt);
  const channel = chance.happens(0.3) ? 'all' : consent.channel;
  const purpose = chance.happens(0.3) ? 'all' : consent.purpose;
  person.consents.push({ ...consent, kind: 'revoked', carried: false, channel, purpose, expiresAt: null });
}

type Asked = Pick<Contact, 'channel' | 'purpose' | 'seller' | 'campaign'>;

/** What a call or message came to, and what follows from it. */
export function contact(chance: Chance, person: Person, asked: Asked, startedAt: Date): void {
  const outcome = chance.oneOf([
    ...Array.from({ length: 8 }, () => ['no_answer', 'busy', 'failed'] as const).flat(), 'voicemail', 'answered', 'abandoned', 'refused',
    'opted_out', 'complaint', 'wrong_number', 'converted',
  ] as const);
  const endedAt = new Date(startedAt.getTime() + Math.floor(chance.next() * 600_000));
  const { channel, purpose, campaign } = asked;
  const seller = chance.happens(0.05) ? null : asked.seller;
  person.contacts.unshift({ id: nextId('contact'), channel, purpose, seller, campaign, outcome, startedAt, endedAt });
  const kind = outcome === 'opted_out' ? 'opt_out' : outcome === 'complaint' || outcome === 'wrong_number' ? outcome : null;
  if (!kind) return;
  person.suppressions.push({
    id: nextId('suppression'), kind, channel: kind === 'opt_out' && chance.happens(0.7) ? channel : 'all', reportedAt: endedAt,
    receivedAt: endedAt, liftedAt: chance.happens(0.6) ? chance.moment(endedAt, YEAR_ENDS) : null,
  });
}
