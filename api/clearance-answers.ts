import { z } from 'zod';
import { DECISIONS, REASON_CODES } from '../domain/clearance.ts';
import { CHANNELS, PURPOSES } from '../domain/consent.ts';
import { OUTCOMES } from '../domain/contact.ts';
import { CONFIDENCES } from '../domain/policy.ts';
import { answeredInstant, uuid } from './fields.ts';
import { problemSchema } from './problems.ts';

const reason = z
  .object({
    code: z.enum(REASON_CODES),
    effect: z.enum(['deny', 'hold']),
    jurisdiction: z.string().meta({ description: 'Whose rule it is; `company` for the company’s own', examples: ['US-FL'] }),
    rule: z.string(),
    source: z.string().meta({ description: 'Where it is written', examples: ['Fla. Stat. 501.616(6)'] }),
    confidence: z.enum(CONFIDENCES).optional().meta({ description: 'How well the value of law was checked' }),
    default: z.literal(true).optional().meta({ description: 'The value comes from the page that stands in where there is none' }),
    notBefore: answeredInstant.nullable().meta({ description: 'When this rule alone is satisfied by time; null when it is not' }),
    facts: z.array(z.string()).meta({ description: 'What it looked at: ids and words, none of them personal' }),
  })
  .meta({ id: 'ClearanceReason' });

const checked = z
  .object({
    lists: z.array(z.object({ list: z.string(), releaseId: z.string(), asOf: answeredInstant })),
    consents: z.array(uuid),
    zones: z.array(z.string()),
    attempts: z.array(z.object({ jurisdiction: z.string(), window: z.string(), count: z.int(), cap: z.int() })),
  })
  .meta({ id: 'ClearanceChecked' });

const answer = {
  decision: z.enum(DECISIONS).meta({ description: 'Any reason that denies makes it `deny`, else any that holds `hold`, else `allow`' }),
  leadId: uuid.nullable(),
  at: answeredInstant,
  validUntil: answeredInstant.nullable().meta({ description: 'Until when an allowed contact may begin; the person is reserved so long' }),
  notBefore: answeredInstant.nullable().meta({ description: 'The first moment at which nothing that time cures is left' }),
  policyVersion: z.string().meta({ description: 'Names exactly the values that were applied', examples: ['sha256:9f86d081'] }),
  reasons: z.array(reason),
  checked,
};

export const clearanceAnswer = z.object({ clearanceId: uuid, ...answer }).meta({ id: 'Clearance' });

export const previewAnswer = z.object({ clearanceId: z.null(), ...answer }).meta({ id: 'ClearancePreviewAnswer' });

export const batchAnswer = z
  .object({ items: z.array(z.union([clearanceAnswer, z.object({ problem: problemSchema })])) })
  .meta({ id: 'ClearanceBatchAnswer' });

export const outcomeAnswer = z
  .object({
    contactId: uuid,
    clearanceId: uuid,
    leadId: uuid,
    outcome: z.enum(OUTCOMES),
    startedAt: answeredInstant,
    endedAt: answeredInstant,
    suppressionId: uuid.nullable().meta({ description: 'The suppression that the outcome started' }),
  })
  .meta({ id: 'RecordedOutcome' });

/** A clearance as it was answered, with what was asked and what came of it. */
export const clearanceView = z
  .object({
    clearanceId: uuid,
    ...answer,
    channel: z.enum(CHANNELS),
    purpose: z.enum(PURPOSES),
    campaign: z.string().nullable(),
    seller: z.string(),
    agent: z.string().nullable(),
    dialerMode: z.string(),
    callerId: z.string().nullable(),
    outcome: z
      .object({ contactId: uuid, outcome: z.enum(OUTCOMES), startedAt: answeredInstant, endedAt: answeredInstant })
      .nullable(),
  })
  .meta({ id: 'ClearanceRecord' });
