import { z } from 'zod';
import { DIALER_MODES } from '../domain/clearance.ts';
import { CHANNELS, PURPOSES } from '../domain/consent.ts';
import { OUTCOMES } from '../domain/contact.ts';
import { callerId } from './contacts.ts';
import { UUID_PATTERN } from './cursor.ts';
import { country, instant, label, uuid } from './fields.ts';
import { phone } from './lead-bodies.ts';

const person = {
  phone: phone.optional(),
  region: country.optional().meta({ description: 'Country in which a national number is read' }),
  leadId: uuid.regex(UUID_PATTERN).optional(),
};

const contact = {
  channel: z.enum(CHANNELS),
  purpose: z.enum(PURPOSES),
};

const way = {
  dialerMode: z.enum(DIALER_MODES).optional().meta({ description: 'How a call is dialed; calls have to say it' }),
  callerId: callerId.optional().meta({ description: 'The number that the person called will see; calls have to say it' }),
};

const onePerson = {
  check: ({ phone: number, leadId }: { phone?: string | undefined; leadId?: string | undefined }) => {
    return (number === undefined) !== (leadId === undefined);
  },
  problem: { error: 'must have exactly one of phone and leadId', params: { code: 'exactly_one' } },
};

/** The body of `POST /v1/clearances`. A way of dialing that was not said must not count as dialed by hand. */
export const clearanceBody = z
  .strictObject({
    ...person,
    ...contact,
    campaign: label('spring'),
    seller: label('acme').meta({ description: 'The company on whose behalf the person is contacted' }),
    agent: label('a-17').optional(),
    ...way,
  })
  .refine(onePerson.check, onePerson.problem)
  .superRefine(({ channel, ...said }, context) => {
    if (channel !== 'call') return;
    for (const field of ['dialerMode', 'callerId'] as const) {
      if (said[field] === undefined) context.addIssue({ code: 'custom', path: [field], message: 'is missing', params: { code: 'required' } });
    }
  })
  .meta({ id: 'ClearanceQuestion' });
export type ClearanceBody = z.output<typeof clearanceBody>;

export const MOST_AT_ONCE = 1_000;

/** The body of `POST /v1/clearances/batch`; each item is checked by itself. */
export const batchBody = z
  .strictObject({
    items: z.array(z.unknown()).min(1).max(MOST_AT_ONCE)
      .meta({ override: { type: 'array', items: { $ref: '#/components/schemas/ClearanceQuestion' }, minItems: 1, maxItems: MOST_AT_ONCE } }),
  })
  .meta({ id: 'ClearanceBatch' });

const FIRST_JUDGED = Date.UTC(2000, 0, 1);
const LAST_JUDGED = Date.UTC(2101, 0, 1);

/** Its range is a matter of the field: checks of a whole body also run where a field could not be read. */
const judgedMoment = instant
  .refine((at) => at.getTime() >= FIRST_JUDGED && at.getTime() < LAST_JUDGED, {
    error: 'must lie between the years 2000 and 2100',
    params: { code: 'out_of_range' },
  })
  .meta({ override: { examples: ['2026-11-01T15:04:05Z'] }, description: 'The moment to judge, with what is known now; left out: now' });

/** The body of `POST /v1/clearances/preview`. */
export const previewBody = z
  .strictObject({
    ...person,
    ...contact,
    campaign: label('spring').optional(),
    seller: label('acme').optional().meta({ description: 'Left out: the company itself' }),
    agent: label('a-17').optional(),
    ...way,
    at: judgedMoment.optional(),
  })
  .refine(onePerson.check, onePerson.problem)
  .meta({ id: 'ClearancePreview' });
export type PreviewBody = z.output<typeof previewBody>;

/** The body of `POST /v1/clearances/{id}/outcome`. */
export const outcomeBody = z
  .strictObject({
    outcome: z.enum(OUTCOMES),
    endedAt: instant,
    startedAt: instant.optional().meta({ description: 'Left out: the duration before the end, or when the contact was allowed' }),
    durationSeconds: z.int().min(0).max(86_400).optional(),
  })
  .refine(({ startedAt, endedAt }) => startedAt === undefined || startedAt <= endedAt, {
    path: ['endedAt'], error: 'must not be earlier than startedAt', params: { code: 'out_of_order' },
  })
  .meta({ id: 'ContactOutcome' });
