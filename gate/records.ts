import type { NewClearance } from '../db/clearances.ts';
import { newId } from '../db/ids.ts';
import type { Vault } from '../db/vault.ts';
import { plus } from '../domain/civil-time.ts';
import { commitToNumber } from '../proof/opening.ts';
import type { Asked, Preview, Recorded } from './asked.ts';
import type { Judged } from './judging.ts';

/** A clearance that is about to be put on record. */
export interface Entry {
  clearance: Recorded;
  row: NewClearance;
}

/** The answer that a judgement is, and the row that keeps it. */
export function recordOf(asked: Asked, judged: Judged, circumstances: {
  at: Date; settingsVersion: number; number: string | null; vault: Vault;
}): Entry {
  const { at, settingsVersion, number, vault } = circumstances;
  const clearanceId = newId();
  const answer = answerOf(judged, at);
  const { reasons, checked, ...head } = answer;
  const text = JSON.stringify({ reasons, checked });
  const clearance = Object.defineProperty({ ...answer, clearanceId }, 'toText', {
    value: () => `${JSON.stringify({ ...head, clearanceId }).slice(0, -1)},${text.slice(1)}`,
  }) as Recorded;
  const { question, agent, askedBy } = asked;
  const person = commitToNumber(vault.openingKey(clearanceId), number ?? '');
  const row: NewClearance = {
    id: clearanceId,
    lead_id: clearance.leadId,
    at,
    decision: clearance.decision,
    channel: question.channel,
    purpose: question.purpose,
    campaign: question.campaign,
    seller: question.seller,
    agent,
    dialer_mode: question.dialerMode,
    caller_id: question.callerId,
    valid_until: clearance.validUntil,
    not_before: clearance.notBefore,
    policy_version: clearance.policyVersion,
    settings_version: settingsVersion,
    reason_codes: reasons.map(({ code }) => code),
    reason_jurisdictions: reasons.map(({ jurisdiction }) => jurisdiction),
    answer: text,
    facts: JSON.stringify(judged.facts),
    person,
    asked_by: askedBy,
  };
  return { clearance, row };
}

/** What a judgement answers, by whatever name it is kept, if it is kept at all. */
export function answerOf({ decision: judged, facts, edition }: Judged, at: Date): Preview {
  const { decision, notBefore, reasons, checked } = judged;
  return {
    clearanceId: null,
    decision,
    leadId: facts.lead?.id ?? null,
    at,
    validUntil: decision === 'allow' ? plus(at, edition.settings.clearance.validFor) : null,
    notBefore,
    policyVersion: edition.version,
    reasons,
    checked,
  };
}
