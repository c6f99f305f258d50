import type { Db } from '../db/connection.ts';
import { currentSettings } from '../db/settings.ts';
import type { Decision } from '../domain/clearance.ts';
import { decide, type Law } from '../domain/decide.ts';
import type { Json } from '../proof/clearance-proof.ts';
import { LawBook, lawOf } from './law.ts';
import { requireClearance, requireLaw, type RecordedClearance } from './recorded-clearance.ts';
import { differencesOf, type Difference } from './replay-differences.ts';

/** Under which law: that of the answer, today's, or that of any answer, by its policy version. */
export type ReplayPolicy = 'then' | 'today' | `sha256:${string}`;

export interface ReplayAsked {
  clearanceId: string;
  policy: ReplayPolicy;
  /** Another moment to judge than that of the answer, with the facts that were known then. */
  at: Date | null;
}

/** What was answered and what would be, with where they differ. */
export interface Replay {
  then: { policyVersion: string; at: Date; answer: Json<Decision> };
  now: { policyVersion: string; at: Date; answer: Json<Decision> };
  equal: boolean;
  differences: Difference[];
}

/** Judges a clearance again, by the facts on record with it. */
export async function replay(db: Db, { clearanceId, policy, at }: ReplayAsked, now: Date): Promise<Replay> {
  const recorded = await requireClearance(db, clearanceId);
  const { row, looked } = recorded;
  const moment = at ?? looked.at;
  const { law, version } = await lawFor(db, recorded, policy, { at, now });
  const answer = asJson(decide(looked.question, looked.facts, law, moment));
  const differences = differencesOf(recorded.answer, answer);
  return {
    then: { policyVersion: row.policy_version, at: looked.at, answer: recorded.answer },
    now: { policyVersion: version, at: moment, answer },
    equal: differences.length === 0,
    differences,
  };
}

interface When {
  at: Date | null;
  now: Date;
}

async function lawFor(
  db: Db, { row, looked }: RecordedClearance, policy: ReplayPolicy, { at, now }: When,
): Promise<{ law: Law; version: string }> {
  if (policy === 'then' || policy === row.policy_version) {
    return { law: lawOf(await requireLaw(db, row.policy_version)), version: row.policy_version };
  }
  if (policy !== 'today') return { law: lawOf(sinceEver(await requireLaw(db, policy))), version: policy };
  const { lead } = looked.facts;
  const place = { jurisdictions: lead?.jurisdictions ?? [], zones: lead?.zones ?? [], at: at ?? now };
  const { version, document } = new LawBook().edition(place, await currentSettings(db));
  return { law: lawOf(sinceEver(JSON.parse(document))), version };
}

/** What is in force in a document, as if it had always been: another day's facts are to be judged by it. */
function sinceEver(document: unknown): unknown {
  const { policies, ...rest } = document as { policies: { inForce: Record<string, object[]> }[] };
  return { ...rest, policies: policies.map((page) => ({ ...page, inForce: alwaysInForce(page.inForce) })) };
}

function alwaysInForce(values: Record<string, object[]>): Record<string, object[]> {
  return Object.fromEntries(Object.entries(values).map(([kind, dated]) => {
    // An opt-out means what it meant on its own day.
    return [kind, kind === 'optout_scope' ? dated : dated.map((each) => ({ ...each, from: '0000-01-01' }))];
  }));
}

/** A decision as JSON has it, which is how the other one is on record. */
function asJson(decision: Decision): Json<Decision> {
  return JSON.parse(JSON.stringify(decision)) as Json<Decision>;
}
