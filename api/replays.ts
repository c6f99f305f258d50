import { z } from 'zod';
import { replay, type ReplayPolicy } from '../gate/replay.ts';
import { UUID_PATTERN } from './cursor.ts';
import { instant, uuid } from './fields.ts';
import { replayView } from './proof-views.ts';
import { RECORD_READERS } from './roles.ts';
import { route } from './route.ts';

const policy = z
  .string()
  .transform((text) => (text === 'now' ? 'today' : text))
  .refine((text): text is ReplayPolicy => /^(then|today|sha256:[0-9a-f]{64})$/.test(text), { error: 'must be then, today or a policy version' })
  .meta({ description: '`then`, `today` (or `now`), or the `policyVersion` of any answer', examples: ['today'] });

const replayClearance = route({
  method: 'post',
  path: '/v1/clearances/{id}/replay',
  operation: 'replayClearance',
  tag: 'Clearances',
  summary: 'Judge the same facts again',
  description:
    'Under the law and the settings of the answer (`then`, which must be equal), of today, or of any other answer. Rules of another day are ' +
    'judged as if they had been in force at the moment of the answer; with `at`, at that moment. Nothing is recorded.',
  roles: RECORD_READERS,
  params: z.object({ id: uuid.regex(UUID_PATTERN) }),
  unknown: 'unknown_clearance',
  body: z.strictObject({ policy, at: instant.optional() }),
  answers: { 200: { description: 'Both answers, and where they differ', schema: replayView } },
  problems: ['unknown_policy_version'],
  async handle({ db, now }, { params, body }) {
    const asked = { clearanceId: params.id, policy: body.policy, at: body.at ?? null };
    const { then, now: today, equal, differences } = await replay(db, asked, now());
    const answers = { then: { ...then.answer, ...placed(then) }, now: { ...today.answer, ...placed(today) } };
    return { status: 200, body: { clearanceId: params.id, ...answers, equal, differences } };
  },
});

export const replayRoutes = [replayClearance];

function placed({ policyVersion, at }: { policyVersion: string; at: Date }): { policyVersion: string; at: Date } {
  return { policyVersion, at };
}
