import type { GateFacts, Question } from '../../domain/clearance.ts';
import type { Contact } from '../../domain/contact.ts';
import { laterOnTheWall, wallIn } from './clocks.ts';
import { CAPS, HOLIDAYS, QUIET, WINDOWS, type Cap, type Quiet, type Window } from './law-tables.ts';
import { consentFor, grantsInForce, zonesOf } from './naive-consent.ts';

const AUTOMATED = ['predictive', 'prerecorded', 'ai_voice'];
const HOUR = 3_600_000;

/** Jurisdictions whose hours are broken somewhere the person may be. */
export function outsideHours(question: Question, facts: GateFacts, at: Date): string[] {
  if (question.channel === 'email') return [];
  const { jurisdictions = [], zones = [] } = facts.lead ?? {};
  return jurisdictions.filter((jurisdiction) => zones.some((zone) => isClosed(jurisdiction, zone, question, facts, at)));
}

function isClosed(jurisdiction: string, zone: string, question: Question, facts: GateFacts, at: Date): boolean {
  const { day, weekday, minute } = wallIn(at, zone);
  const applies = (row: Window) => row.jurisdiction === jurisdiction && (row.from ?? '') <= day
    && (!row.automatedOnly || (question.channel === 'call' && AUTOMATED.includes(question.dialerMode)));
  const rows = WINDOWS.filter(applies);
  if (rows.length === 0) return false;
  if (jurisdiction === 'FR' && consentFor(question, facts, at, { grade: 'express' }) === 'granted') return false;
  if (HOLIDAYS[jurisdiction]?.includes(day)) return true;
  return !rows.some(({ days, start, end }) => days.includes(weekday) && minute >= start && minute < end);
}

/** Jurisdictions (or the company) whose cap on attempts is used up. */
export function usedUp(question: Question, facts: GateFacts, at: Date): string[] {
  if (question.channel === 'email') return [];
  const applies = (cap: Cap) => cap.jurisdiction === 'company' || facts.lead?.jurisdictions.includes(cap.jurisdiction);
  return CAPS.filter(applies).filter((cap) => countOf(cap, question, facts, at) >= cap.count).map((cap) => cap.jurisdiction);
}

function countOf(cap: Cap, question: Question, facts: GateFacts, at: Date): number {
  const isAttempt = ({ channel, startedAt }: Contact) =>
    channel !== 'email' && startedAt <= at && at.getTime() - startedAt.getTime() < cap.hours * HOUR;
  const sameSeller = ({ seller }: Contact) => cap.scope === 'number' || seller === null || seller === question.seller;
  const samePurpose = ({ purpose }: Contact) => cap.scope !== 'subject_matter' || purpose === question.purpose
    || purpose.startsWith(`${question.purpose}.`) || question.purpose.startsWith(`${purpose}.`);
  return facts.contacts.filter((contact) => isAttempt(contact) && sameSeller(contact) && samePurpose(contact)).length;
}

/** Jurisdictions (or the company) whose quiet time after an outcome still runs. */
export function stillQuiet(question: Question, facts: GateFacts, at: Date): string[] {
  const applies = (quiet: Quiet) => quiet.jurisdiction === 'company' || facts.lead?.jurisdictions.includes(quiet.jurisdiction);
  const runs = (quiet: Quiet) => facts.contacts.some((contact) => contact.outcome === quiet.after && contact.endedAt <= at
    && isQuietAfter(contact, quiet, question, facts, at));
  return QUIET.filter(applies).filter(runs).map((quiet) => quiet.jurisdiction);
}

function isQuietAfter({ endedAt }: Contact, quiet: Quiet, question: Question, facts: GateFacts, at: Date): boolean {
  if (quiet.endless) return !grantsInForce(question, facts, at).some((grant) => grant.happenedAt > endedAt && !grant.carried);
  if (quiet.hours !== undefined) return at.getTime() < endedAt.getTime() + quiet.hours * HOUR;
  return zonesOf(facts).some((zone) => at < laterOnTheWall(endedAt, quiet.months ?? 0, quiet.days ?? 0, zone));
}
