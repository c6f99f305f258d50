import type { GateFacts, Question } from '../domain/clearance.ts';
import { decide } from '../domain/decide.ts';
import { policiesFor } from '../domain/policies/book.ts';
import { DEFAULT_SETTINGS } from '../domain/settings.ts';
import type { Measurement } from './harness.ts';

const AT = Date.parse('2027-01-13T17:00:00Z');
const HOUR_MS = 3_600_000;
const WARM_UP = 20_000;
const DECISIONS = 200_000;
const BATCHES = 5;

const ago = (hours: number) => new Date(AT - hours * HOUR_MS);

const question: Question = {
  channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', dialerMode: 'manual', callerId: '+12025550100',
};

/** A number in Florida with a consent, three contacts of last week and a fresh registry. */
const facts: GateFacts = {
  lead: {
    id: 'lead', jurisdictions: ['US', 'US-FL'], zones: ['America/New_York', 'America/Chicago'], lineType: null, isCompany: false,
    archivedAt: null, disposedAt: null,
  },
  acquisitions: [{ id: 'a', sourceKind: 'web_form', acquiredAt: ago(500), suspendedAt: null }],
  consents: [{
    id: 'c', kind: 'granted', channel: 'call', purpose: 'marketing', grade: 'express_written', effect: 'in_force', carried: true,
    happenedAt: ago(500), receivedAt: ago(499), expiresAt: null, confirmation: 'none', method: 'web_form', namesSeller: false,
  }],
  suppressions: [],
  relationships: [],
  contacts: [30, 60, 90].map((hours) => ({
    id: `contact-${hours}`, channel: 'call', purpose: 'marketing', seller: 'acme', campaign: 'spring', outcome: 'no_answer',
    startedAt: ago(hours), endedAt: ago(hours),
  })),
  openClearance: null,
  lists: [{
    list: 'us-federal', jurisdiction: 'US', effect: 'block_unless_consent', release: { id: 'r', asOf: ago(20) }, listedSince: null,
  }],
  campaign: [],
  reassigned: null,
  portings: [],
  unclearOptOuts: [],
};

/** How many questions one core decides in a second, all facts at hand, spread over an hour of a busy day. */
export const decisions: Measurement = {
  id: 'DECIDE',
  title: 'Decisions about a number in Florida with a consent, three contacts and the national registry',
  async measure() {
    decideMany(WARM_UP);
    const rates = Array.from({ length: BATCHES }, () => decideMany(DECISIONS / BATCHES)).sort((a, b) => a - b);
    return [{ name: 'decisions per second and core', value: Math.round(rates[BATCHES >> 1] ?? 0), target: { atLeast: 50_000 } }];
  },
};

function decideMany(count: number): number {
  const law = { policies: policiesFor(['US', 'US-FL']), settings: DEFAULT_SETTINGS };
  const start = process.cpuUsage();
  let allowed = 0;
  for (let n = 0; n < count; n += 1) {
    if (decide(question, facts, law, new Date(AT + (n % 3600) * 1000)).decision === 'allow') allowed += 1;
  }
  if (allowed !== count) throw new Error(`${count - allowed} of ${count} were not allowed`);
  const { user, system } = process.cpuUsage(start);
  return count / ((user + system) / 1e6);
}
