import { LINE_TYPES } from '../domain/clearance.ts';
import { z } from 'zod';
import { CHANNELS, CONSENT_EVENT_KINDS, GRADES, PURPOSES } from '../domain/consent.ts';
import { DNC_STATES, STAGES } from '../domain/lead.ts';
import { CONFIRMATIONS } from '../domain/source.ts';
import { answeredInstant, pageOf, uuid } from './fields.ts';

/** What can be shown in clear for a stated reason. */
export const REVEALABLE = ['phone', 'email', 'name', 'address'] as const;
export type Revealable = (typeof REVEALABLE)[number];

const maskedPhone = z.string().nullable().meta({ description: 'Masked unless revealed; null while the lead is archived, and once it is disposed of', examples: ['+1202*****43'] });
const links = z.object({ self: z.string(), temporal: z.string().nullable().meta({ description: 'The workflow in the Temporal Web UI' }) });

/** What `POST /v1/leads` answers. */
export const acquiredAnswer = z
  .object({
    leadId: uuid,
    acquisitionId: uuid,
    created: z.boolean().meta({ description: 'False for a number that is known: the same lead, acquired once more' }),
    stage: z.enum(STAGES),
    workflowId: z.string(),
    phone: z.string().meta({ description: 'Masked', examples: ['+1202*****43'] }),
    acquiredAt: answeredInstant.meta({ description: 'When the person gave the number' }),
    receivedAt: answeredInstant.meta({ description: 'When it got here' }),
    links,
  })
  .meta({ id: 'AcquiredLead' });

const acquisitionView = z.object({
  id: uuid,
  source: z.string(),
  acquiredAt: answeredInstant,
  receivedAt: answeredInstant,
  method: z.string(),
  campaign: z.string().nullable(),
  importId: uuid.nullable(),
});

export const consentView = z.object({
  id: uuid,
  acquisitionId: uuid.nullable(),
  kind: z.enum(CONSENT_EVENT_KINDS),
  channel: z.enum([...CHANNELS, 'all']),
  purpose: z.enum([...PURPOSES, 'all']),
  grade: z.enum(GRADES),
  effect: z.enum(['in_force', 'waiting']).meta({ description: '`waiting`: a withdrawal stands, and only the person’s own act restores' }),
  obtainedAt: answeredInstant,
  receivedAt: answeredInstant,
  expiresAt: answeredInstant.nullable(),
  confirmation: z.enum(CONFIRMATIONS),
  textVersion: z.string().nullable(),
  textSource: z.string().nullable().meta({ description: 'The source whose text of that version was agreed to' }),
  method: z.string().nullable().meta({ description: 'How the person agreed' }),
  via: z.string().nullable().meta({ description: 'The way a withdrawal came' }),
});

const summaryFields = {
  leadId: uuid,
  stage: z.enum(STAGES),
  consentState: z.enum(['none', 'unconfirmed', 'granted', 'expired', 'revoked']),
  dncState: z.enum(DNC_STATES),
  jurisdictions: z.array(z.string()),
  source: z.string().meta({ description: 'The source that brought the lead first' }),
  createdAt: answeredInstant,
  nextReviewAt: answeredInstant.nullable().meta({ description: 'When the lead is looked at again by itself' }),
  archiveDueAt: answeredInstant.nullable(),
  retainUntil: answeredInstant.nullable(),
  archivedAt: answeredInstant.nullable().meta({ description: 'Since when its personal data is in the archive; it takes a retrieval to see it' }),
  retrievedUntil: answeredInstant.nullable().meta({ description: 'Until when a retrieval brings it back' }),
  phone: maskedPhone,
  workflowId: z.string(),
  links,
};

/** A lead in a list. */
export const leadSummary = z.object(summaryFields).meta({ id: 'LeadSummary' });
export const leadPage = pageOf(leadSummary).meta({ id: 'LeadPage' });

/** A lead by itself. */
export const leadView = z
  .object({
    ...summaryFields,
    zones: z.array(z.string()).meta({ description: 'IANA time zones the person may be in' }),
    lineType: z.enum(LINE_TYPES).nullable().meta({ description: 'What a carrier look-up said about the number; what became of it since is in its portings' }),
    blockers: z.array(z.string()).meta({ description: 'Codes of what stands against a marketing call now, hours aside; the strongest first' }),
    contactableFrom: answeredInstant.nullable().meta({
      description: 'When such a call is lawful next, hours included; null while something stands that time does not cure',
    }),
    subject: z
      .object({
        name: z.string().nullable(),
        email: z.string().nullable(),
        address: z
          .object({ city: z.string(), region: z.string(), postalCode: z.string(), country: z.string() })
          .partial()
          .nullable(),
      })
      .meta({ description: 'Masked unless revealed' }),
    revealed: z.array(z.enum(REVEALABLE)).meta({ description: 'What is shown in clear here' }),
    acquisitions: z.array(acquisitionView).meta({ description: 'The latest ones, newest first' }),
    consents: z.array(consentView).meta({ description: 'The latest consent events, newest first' }),
  })
  .meta({ id: 'Lead' });

export const timelinePage = pageOf(
  z.object({
    at: answeredInstant,
    type: z.string().meta({ examples: ['acquired'] }),
    id: uuid,
    summary: z.string().meta({ description: 'In plain words; nothing personal' }),
  }),
).meta({ id: 'Timeline' });

export type LeadSummaryAnswer = z.infer<typeof leadSummary>;
export type LeadAnswer = z.infer<typeof leadView>;
export type AcquiredAnswer = z.infer<typeof acquiredAnswer>;
export type TimelineItem = z.infer<typeof timelinePage>['items'][number];
