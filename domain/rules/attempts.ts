import type { AttemptCount, Reason } from '../clearance.ts';
import { covers } from '../consent.ts';
import type { Contact } from '../contact.ts';
import { latest } from '../civil-time.ts';
import { civilPlus, exactMs } from '../local-time.ts';
import type { RuleValues } from '../policy.ts';
import { applicable, ownReason, reasonOf, type Situation } from './situation.ts';

/** A cap, whoever set it, and the attempts that count against it, newest first. */
interface Cap {
  jurisdiction: string;
  window: string;
  cap: number;
  counted: readonly Contact[];
  reason: (notBefore: Date | null) => Reason;
}

/** No more attempts within a rolling window than the law, and the company, allow. */
export function belowCaps(situation: Situation): Reason[] {
  return capsOf(situation).flatMap(({ cap, counted, window, reason }) => {
    if (cap === 0) return [reason(null)];
    const decisive = counted[cap - 1];
    if (!decisive) return [];
    return [reason(new Date(decisive.startedAt.getTime() + exactMs(window)))];
  });
}

/** How many attempts count against every cap that applies. */
export function attemptCounts(situation: Situation): AttemptCount[] {
  return capsOf(situation).map(({ counted, reason: _, ...cap }) => ({ ...cap, count: counted.length }));
}

function capsOf(situation: Situation): Cap[] {
  if (!situation.isPhone) return [];
  const inLaw = applicable(situation, 'attempt_cap').map((each) => {
    const counted = countedIn(situation, each.value);
    const { count: cap, window } = each.value;
    const reason = (notBefore: Date | null) => reasonOf('attempt_cap', 'attempt_cap', each, { facts: factsOf(counted), notBefore });
    return { jurisdiction: each.policy.jurisdiction, window, cap, counted, reason };
  });
  const own = situation.settings.caps.map(({ count, window }) => {
    const counted = countedIn(situation, { count, window, scope: 'number' });
    const reason = (notBefore: Date | null) => ownReason('attempt_cap', 'setting caps', { facts: factsOf(counted), notBefore });
    return { jurisdiction: 'company', window, cap: count, counted, reason };
  });
  return [...inLaw, ...own];
}

function countedIn({ facts: { contacts }, question, at }: Situation, { window, scope }: RuleValues['attempt_cap']): Contact[] {
  const since = at.getTime() - exactMs(window);
  const isRecent = ({ channel, startedAt }: Contact) => channel !== 'email' && startedAt.getTime() > since;
  const within = contacts.filter((contact) => isRecent(contact) && inScope(contact));
  return within.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());

  /** A contact of which nobody said for whom it was counts for everybody. */
  function inScope({ seller, purpose }: Contact): boolean {
    if (scope === 'number') return true;
    if (seller !== null && seller !== question.seller) return false;
    return scope === 'seller' || covers(purpose, question.purpose) || covers(question.purpose, purpose);
  }
}

function factsOf(contacts: readonly Contact[]): string[] {
  return contacts.map(({ id }) => `contact:${id}`);
}

/** Quiet time after what came of earlier contacts, on every channel. */
export function quietTimeOver(situation: Situation): Reason[] {
  const inLaw = applicable(situation, 'cooldown').flatMap((each) => {
    const quiet = quietUntil(situation, each.value.after, each.value.period);
    return quiet ? [reasonOf('cooldown', 'cooldown', each, quiet)] : [];
  });
  const own = Object.entries(situation.settings.cooldown).flatMap(([outcome, period]) => {
    const quiet = quietUntil(situation, outcome, period);
    return quiet ? [ownReason('cooldown', `setting cooldown.${outcome}`, quiet)] : [];
  });
  return [...inLaw, ...own];
}

interface Quiet {
  facts: string[];
  notBefore: Date | null;
}

/** The contacts that still call for quiet, and until when; null when it is over. Without a period only a consent ends it. */
function quietUntil(situation: Situation, outcome: string, period: string | null): Quiet | null {
  const { facts: { contacts }, at, zones, consent } = situation;
  const after = contacts.filter((contact) => contact.outcome === outcome && contact.endedAt <= at);
  if (period === null) {
    const explicit = consent.grants.filter(({ carried }) => !carried);
    const silent = after.filter(({ endedAt }) => !explicit.some(({ happenedAt }) => happenedAt > endedAt));
    return silent.length === 0 ? null : { facts: factsOf(silent), notBefore: null };
  }
  const running = after.filter(({ endedAt }) => at < civilPlus(endedAt, period, zones));
  if (running.length === 0) return null;
  return { facts: factsOf(running), notBefore: latest(running.map(({ endedAt }) => civilPlus(endedAt, period, zones))) };
}
