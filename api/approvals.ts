import { z } from 'zod';
import { findDisposal } from '../db/disposals.ts';
import { findHold } from '../db/legal-holds.ts';
import { findRetrieval } from '../db/retrievals.ts';
import { DomainError } from '../domain/problem.ts';
import { UUID_PATTERN } from './cursor.ts';
import { disposalView } from './disposal-bodies.ts';
import { agreeToDisposal } from './disposals.ts';
import { uuid } from './fields.ts';
import { holdView } from './legal-hold-bodies.ts';
import { agreeToRelease } from './legal-holds.ts';
import { agreeToRetrieval, retrieval } from './retrievals.ts';
import { RULE_KEEPERS } from './roles.ts';
import { route } from './route.ts';

const approval = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('retrieval'), retrieval }),
    z.object({ kind: z.literal('hold_release'), hold: holdView }),
    z.object({ kind: z.literal('disposal'), disposal: disposalView }),
  ])
  .meta({ id: 'Approval' });

const approve = route({
  method: 'post',
  path: '/v1/approvals/{id}',
  operation: 'approve',
  tag: 'Retention',
  summary: 'Agree to what waits for a second person',
  description:
    'By the id of a retrieval, of a legal hold whose release is asked for, or of a disposal that was ordered; the same as the `approve` of each. ' +
    'Takes another key than the one that asked.',
  roles: RULE_KEEPERS,
  params: z.object({ id: uuid.regex(UUID_PATTERN) }),
  unknown: 'unknown_approval',
  answers: { 200: { description: 'What was agreed to', schema: approval } },
  problems: ['second_person_needed', 'already_settled', 'release_not_asked', 'hold_ended', 'lead_not_archived', 'lead_disposed'],
  async create({ now }, { params: { id }, caller }, tx) {
    const by = `key:${caller.keyId}`;
    const asked = await findRetrieval(tx, id);
    if (asked) {
      const body = { kind: 'retrieval', retrieval: await agreeToRetrieval(tx, asked, by, now()) };
      return { status: 200, body, announce: [asked.lead_id] };
    }
    const held = await findHold(tx, id);
    if (held) {
      const { body: hold, ...released } = await agreeToRelease(tx, held, by, now());
      return { ...released, body: { kind: 'hold_release', hold } };
    }
    const ordered = await findDisposal(tx, id);
    if (!ordered) throw new DomainError('unknown_approval', 'Send the id of a retrieval, a legal hold or a disposal.');
    const body = { kind: 'disposal', disposal: await agreeToDisposal(tx, ordered, by, now()) };
    return { status: 200, body, announce: [ordered.lead_id] };
  },
});

export const approvalRoutes = [approve];
