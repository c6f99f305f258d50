import type { AttemptCount, DecisionWord, FactsOnRecord, Question, Reason } from '../domain/clearance.ts';
import type { Confidence } from '../domain/policy.ts';
import { canonicalJson } from './canonical-json.ts';
import { sha256Of } from './digest.ts';
import { withPaths, type ListEvidence } from './list-evidence.ts';
import type { NumberPath } from './merkle-tree.ts';
import { fitted, MOST_BYTES, type Fitted } from './sections.ts';
import type { Signature, SigningKeys } from './signing-keys.ts';

export const PROOF_FORMAT = 'leadwarden-proof/1';

/** As JSON has it: a moment is a text there. */
export type Json<T> = T extends Date ? string : T extends object ? { [Key in keyof T]: Json<T[Key]> } : T;

/** A value of law, or a setting of the company, that the clearance was judged by. */
export interface AppliedValue {
  jurisdiction: string;
  rule: string;
  value: unknown;
  source: string;
  confidence: Confidence | 'own';
}

/** A fact that was looked at: what kind, which, and the digest of its canonical JSON as recorded. */
export interface FactDigest {
  type: string;
  id: string | null;
  digest: string;
}

/** What was recorded of a clearance, and what it was judged by. */
export interface ClearanceRecord {
  clearanceId: string;
  decision: DecisionWord;
  at: string;
  validUntil: string | null;
  notBefore: string | null;
  question: Question;
  /** HMAC-SHA256 of the number under the opening key, in hexadecimal. */
  personDigest: string;
  reasons: readonly Json<Reason>[];
  facts: Json<FactsOnRecord>;
  lists: readonly ListEvidence[];
  zones: readonly string[];
  counts: readonly AttemptCount[];
  policyVersion: string;
  settingsVersion: number;
  /** Those that gave a reason first. */
  applied: readonly AppliedValue[];
  /** Over the answer and the facts, whole, as they were recorded. */
  recordDigest: string;
}

interface Lists {
  reasons: readonly object[];
  facts: readonly FactDigest[];
  applied: readonly AppliedValue[];
  lists: readonly ListEvidence[];
  zones: readonly string[];
  counts: readonly AttemptCount[];
}

/** What stays longest: that there was a reason, then the law it rests on, then the facts by name. */
const STEPS: readonly (readonly [keyof Lists, number])[] = [
  ['facts', 40], ['applied', 20], ['facts', 20], ['applied', 12], ['lists', 12], ['counts', 12], ['zones', 16], ['facts', 10], ['applied', 6],
  ['reasons', 24], ['facts', 5], ['applied', 3], ['reasons', 16], ['lists', 6], ['counts', 6], ['zones', 8], ['facts', 0], ['applied', 0],
  ['reasons', 8], ['lists', 0], ['counts', 0], ['reasons', 0], ['zones', 0],
];
const FACTS_NAMED_BY_A_REASON = 6;

export interface Issued {
  issuedAt: Date;
  keysUrl: string;
  /** Where the paths are that the file does not have. */
  listPathsUrl: string;
}

export type ClearanceProof = ReturnType<typeof unsigned> & { signature: Signature };

/**
 * A file that lets anybody check a clearance without our database: signed, and never larger than `MOST_BYTES`. `paths` are
 * those of the number, by release, as far as they are to be put in and there is room for them.
 */
export function proveClearance(
  record: ClearanceRecord, issued: Issued, keys: SigningKeys, paths: ReadonlyMap<string, NumberPath> = new Map(),
): ClearanceProof {
  const all: Lists = {
    reasons: record.reasons.map(briefly),
    facts: factDigests(record.facts, record.reasons),
    applied: record.applied,
    lists: record.lists,
    zones: record.zones,
    counts: record.counts,
  };
  const signed = (fit: Fitted<Lists>) => {
    const content = unsigned(record, issued, fit);
    return { ...content, signature: keys.sign(canonicalJson(content)) };
  };
  const fits = (fit: Fitted<Lists>) => Buffer.byteLength(proofText(signed(fit))) <= MOST_BYTES;
  const fit = fitted(all, STEPS, fits);
  const holding = (lists: readonly ListEvidence[]) => ({ ...fit, lists: { ...fit.lists, lists } });
  return signed(holding(withPaths(fit.lists.lists, paths, (lists) => fits(holding(lists)))));
}

/** A proof as the file that is handed out. */
export function proofText(proof: object): string {
  return `${JSON.stringify(proof, null, 1)}\n`;
}

function unsigned(record: ClearanceRecord, { issuedAt, keysUrl, listPathsUrl }: Issued, { lists: fit, omitted }: Fitted<Lists>) {
  const { clearanceId, decision, at, validUntil, notBefore, question, policyVersion, settingsVersion, recordDigest } = record;
  return {
    format: PROOF_FORMAT,
    kind: 'clearance' as const,
    clearanceId,
    decision,
    at,
    validUntil,
    notBefore,
    question,
    person: { digest: record.personDigest, algorithm: 'HMAC-SHA256' },
    reasons: fit.reasons,
    facts: fit.facts,
    law: { policyVersion, applied: fit.applied },
    lists: fit.lists,
    zones: fit.zones,
    counts: fit.counts,
    settingsVersion,
    /** How many items were left out for size; the digest of the record covers them. */
    omitted,
    recordDigest,
    issuedAt: issuedAt.toISOString(),
    issuer: { keys: keysUrl, listPaths: listPathsUrl },
  };
}

/** A reason names a few of its facts; how many there were is said. */
function briefly(reason: Json<Reason>): object {
  const { facts, ...rest } = reason;
  if (facts.length <= FACTS_NAMED_BY_A_REASON) return reason;
  return { ...rest, facts: facts.slice(0, FACTS_NAMED_BY_A_REASON), factCount: facts.length };
}

/** Digests of everything that was looked at, those that a reason names first. */
function factDigests(facts: Json<FactsOnRecord>, reasons: readonly Json<Reason>[]): FactDigest[] {
  const named = new Set(reasons.flatMap((reason) => reason.facts.map((fact) => fact.slice(fact.indexOf(':') + 1))));
  const isNamed = ({ id }: FactDigest) => (id !== null && named.has(id) ? 0 : 1);
  return digestsOf(facts).sort((one, other) => isNamed(one) - isNamed(other));
}

function digestsOf(facts: Json<FactsOnRecord>): FactDigest[] {
  const { lead, openClearance, reassigned } = facts;
  return [
    ...(lead ? [{ ...digestOf('lead', lead), id: null }] : []),
    ...facts.consents.map((fact) => digestOf('consent', fact)),
    ...facts.suppressions.map((fact) => digestOf('suppression', fact)),
    ...(openClearance ? [digestOf('clearance', openClearance)] : []),
    ...facts.unclearOptOuts.map((fact) => digestOf('statement', fact)),
    ...facts.relationships.map((fact) => digestOf('relationship', fact)),
    ...facts.lists.map((fact) => ({ ...digestOf('list', fact), id: fact.list })),
    ...(reassigned ? [digestOf('reassigned', reassigned)] : []),
    ...(facts.portings ?? []).map((fact) => digestOf('porting', fact)),
    ...facts.campaign.map((fact) => ({ ...digestOf('campaign', fact), id: fact.window })),
    ...facts.acquisitions.map((fact) => digestOf('acquisition', fact)),
    ...facts.contacts.map((fact) => digestOf('contact', fact)),
  ];
}

function digestOf(type: string, fact: object): FactDigest {
  const id = 'id' in fact && typeof fact.id === 'string' ? fact.id : null;
  return { type, id, digest: sha256Of(canonicalJson(fact)) };
}
