import fc from 'fast-check';
import { DIALER_MODES, LINE_TYPES, type GateConsent, type GateFacts, type ListState, type Question } from '../../domain/clearance.ts';
import { CHANNELS, CONSENT_EVENT_KINDS, GRADES, PURPOSES } from '../../domain/consent.ts';
import { OUTCOMES, type Contact } from '../../domain/contact.ts';
import { SUPPRESSION_KINDS } from '../../domain/lead.ts';
import { NOON, acquisition, asking, contact, gateFacts, grant, listState, relationship, suppression } from './gate-facts.ts';

const HOUR_MS = 3_600_000;

function minutesFromNoon(sign: 1 | -1) {
  return (minutes: number) => new Date(NOON.getTime() + sign * minutes * 60_000);
}

/** So many hours before noon, to the minute. */
const past = (hours: number) => fc.integer({ min: 0, max: hours * 60 }).map(minutesFromNoon(-1));
const future = (hours: number) => fc.integer({ min: 1, max: hours * 60 }).map(minutesFromNoon(1));
const moment = fc.oneof(past(24 * 400), past(100));
const sometime = fc.option(fc.oneof(past(1000), future(1000)));

/** Noon, or a moment of the forty days after it: later than every fact. */
export const askedAt = fc.integer({ min: 0, max: 40 * 24 * 60 }).map(minutesFromNoon(1));

export const JURISDICTIONS = [
  'US', 'US-FL', 'US-TX', 'US-PA', 'US-ME', 'US-AL', 'FR', 'GB', 'DE', 'IT', 'CA', 'AU', 'SG', 'IN', 'CN', 'JP',
] as const;
export const ZONES = [
  'America/New_York', 'America/Chicago', 'America/Phoenix', 'America/St_Johns', 'Europe/Paris', 'Europe/London', 'Asia/Kolkata',
  'Australia/Lord_Howe',
] as const;

export const questions: fc.Arbitrary<Question> = fc.record({
  channel: fc.constantFrom(...CHANNELS),
  purpose: fc.constantFrom(...PURPOSES),
  dialerMode: fc.constantFrom(...DIALER_MODES),
  seller: fc.constantFrom('acme', 'globex'),
}).map(asking);

const unique = <Item extends { id: string }>(items: fc.Arbitrary<Item>, maxLength: number) => {
  return fc.uniqueArray(items, { selector: ({ id }) => id, maxLength });
};

export const consents: fc.Arbitrary<GateConsent[]> = unique(fc.record({
  id: fc.uuid(),
  kind: fc.constantFrom(...CONSENT_EVENT_KINDS, 'granted' as const, 'granted' as const),
  channel: fc.constantFrom(...CHANNELS),
  purpose: fc.constantFrom(...PURPOSES),
  grade: fc.constantFrom(...GRADES),
  carried: fc.boolean(),
  happenedAt: moment,
  expiresAt: sometime,
  confirmation: fc.constantFrom('none' as const, 'none' as const, 'double_opt_in' as const),
  method: fc.constantFrom('dca', 'web_form'),
  namesSeller: fc.boolean(),
}).map(grant), 6);

export const contacts: fc.Arbitrary<Contact[]> = unique(fc.record({
  id: fc.uuid(),
  channel: fc.constantFrom(...CHANNELS),
  purpose: fc.constantFrom(...PURPOSES),
  seller: fc.constantFrom('acme', 'globex', null),
  outcome: fc.constantFrom(...OUTCOMES),
  startedAt: moment,
  lasts: fc.integer({ min: 0, max: 2 * HOUR_MS }),
}).map(({ lasts, ...call }) => contact({ ...call, endedAt: new Date(call.startedAt.getTime() + lasts) })), 6);

const lists: fc.Arbitrary<ListState[]> = fc.uniqueArray(fc.record({
  list: fc.constantFrom('us-federal', 'gb-tps', 'it-rpo', 'ca-dncl', 'au-dncr', 'sg-voice', 'ours'),
  release: fc.option(past(24 * 40).map((asOf) => ({ id: 'release', asOf }))),
  listedSince: fc.option(moment, { freq: 1 }),
}).map(listState), { selector: ({ list }) => list, maxLength: 7 });

const suppressions = unique(fc.record({
  id: fc.uuid(), kind: fc.constantFrom(...SUPPRESSION_KINDS), channel: fc.constantFrom('all' as const, ...CHANNELS), reportedAt: moment,
  liftedAt: fc.option(past(500)),
}).map(suppression), 2);

const relationships = unique(fc.record({
  id: fc.uuid(), kind: fc.constantFrom('purchase' as const, 'inquiry' as const, 'contract' as const), at: moment, endsAt: sometime,
}).map(relationship), 2);

const portings = unique(fc.record({ id: fc.uuid(), at: moment, lineType: fc.constantFrom(...LINE_TYPES) }), 2);

const leads = fc.record({
  jurisdictions: fc.subarray([...JURISDICTIONS], { minLength: 1, maxLength: 4 }),
  zones: fc.subarray([...ZONES], { minLength: 1, maxLength: 3 }),
  lineType: fc.constantFrom('mobile' as const, 'fixed' as const, null),
  isCompany: fc.boolean(),
});

/** A lead of which everything has happened by noon. */
export const anyFacts: fc.Arbitrary<GateFacts> = fc.record({
  lead: leads,
  facts: fc.record({
    acquisitions: unique(fc.record({ id: fc.uuid(), acquiredAt: past(24 * 200) }).map(acquisition), 3),
    consents,
    contacts,
    lists,
    suppressions,
    relationships,
    portings,
    openClearance: fc.option(future(2).map((until) => ({ id: 'open', until }))),
    unclearOptOuts: fc.constantFrom([], [], [], [{ id: 'words', channel: 'all' as const, statedAt: NOON }]),
  }),
}).map(({ lead, facts }) => gateFacts(lead, facts));

/** A lead against which nothing stands but what passes with time, under the law of such places. */
export const passingFacts: fc.Arbitrary<GateFacts> = fc.record({
  lead: fc.record({
    jurisdictions: fc.subarray(['US', 'US-FL', 'US-TX', 'US-PA', 'US-AL', 'US-KY', 'US-CT', 'US-WA'], { minLength: 1 }),
    zones: fc.subarray(['America/New_York', 'America/Chicago', 'America/Phoenix', 'America/Los_Angeles'], { minLength: 1 }),
  }),
  facts: fc.record({
    contacts,
    lists: askedAt.map((asOf) => [listState({ release: { id: 'release', asOf } })]),
    openClearance: fc.option(future(2).map((until) => ({ id: 'open', until }))),
  }),
}).map(({ lead, facts }) => gateFacts(lead, facts));
