import { z } from 'zod';
import { CHANNELS, GRADES, PURPOSES } from '../domain/consent.ts';
import { answeredInstant, instant, label, pageOf, text, uuid } from './fields.ts';
import { consentView } from './lead-answers.ts';

/** The body of a withdrawal. */
export const revocationBody = z
  .strictObject({
    channel: z.enum([...CHANNELS, 'all']).default('all'),
    purpose: z.enum([...PURPOSES, 'all']).default('all').meta({ description: 'With everything below it' }),
    revokedAt: instant.optional().meta({ description: 'When the person said it; left out: now' }),
    via: label('email').optional().meta({ description: 'The way it came' }),
    statement: text(2_000).optional().meta({ description: 'The person’s own words; kept sealed' }),
    unclear: z.boolean().default(false).meta({ description: 'The words may mean something else: contact is frozen until a person has read them' }),
  })
  .meta({ id: 'Revocation' });

export const unclearOptOut = z
  .object({
    id: uuid,
    leadId: uuid,
    channel: z.enum([...CHANNELS, 'all']),
    statedAt: answeredInstant,
    receivedAt: answeredInstant,
    via: z.string().nullable(),
    resolvedAt: answeredInstant.nullable(),
    meaning: z.enum(['opt_out', 'no_opt_out']).nullable().meta({ description: 'What it was taken for; null while nobody has looked' }),
  })
  .meta({ id: 'UnclearOptOut' });
export type UnclearOptOutAnswer = z.infer<typeof unclearOptOut>;

export const consentEvent = consentView.meta({ id: 'ConsentEvent' });

const standing = z.object({
  channel: z.enum(CHANNELS),
  purpose: z.enum(PURPOSES),
  state: z.enum(['none', 'unconfirmed', 'granted', 'expired', 'revoked']),
  grade: z.enum(GRADES).nullable().meta({ description: 'The best grade in force' }),
  since: answeredInstant,
  expiresAt: answeredInstant.nullable(),
  consentId: uuid.meta({ description: 'The event that the state comes from' }),
});

/** What `GET /v1/leads/{id}/consents` answers. */
export const consentLedger = pageOf(consentEvent)
  .extend({ inForce: z.array(standing).meta({ description: 'Every channel and purpose that the whole ledger says anything about now' }) })
  .meta({ id: 'ConsentLedger' });
