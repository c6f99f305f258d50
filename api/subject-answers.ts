import { z } from 'zod';
import { lockLead } from '../db/locked-lead.ts';
import { lockSubjectRequest } from '../db/subject-requests.ts';
import { DomainError } from '../domain/problem.ts';
import { LANGUAGES } from '../domain/wording/language.ts';
import { handOver } from '../endings/handing-over.ts';
import { UUID_PATTERN } from './cursor.ts';
import { uuid } from './fields.ts';
import { ANSWER_FORMATS, answerContent } from './person/answer-content.ts';
import { accessHeaders, requireReason } from './reveal.ts';
import { REVEALERS } from './roles.ts';
import { route } from './route.ts';
import { requireSubjectRequest } from './subject-requests.ts';

const answer = route({
  method: 'get',
  path: '/v1/subject-requests/{id}/answer',
  operation: 'readSubjectAnswer',
  tag: 'Subject requests',
  summary: 'Put the answer to a request together',
  description:
    'Everything that is held about the person, in clear: as JSON, as a document that can be read and printed, or as CSV with what the person provided. It is ' +
    'made at this moment and kept nowhere. That it was, by whom and why, is on record before it is sent. An archived lead is brought back first.',
  roles: REVEALERS,
  params: z.object({ id: uuid.regex(UUID_PATTERN) }),
  unknown: 'unknown_subject_request',
  query: z.strictObject({ format: z.enum(ANSWER_FORMATS).default('json'), language: z.enum(LANGUAGES).default('en') }),
  headers: accessHeaders,
  answers: { 200: { description: 'The answer', type: 'application/json' } },
  problems: ['access_reason_missing', 'identity_missing', 'nothing_held'],
  async handle({ db, vault, now: clock }, { params: { id }, query: { format, language }, headers, caller }) {
    const reason = requireReason(headers['access-reason']);
    const now = clock();
    return db.transaction().execute(async (tx) => {
      const found = await requireSubjectRequest(tx, id);
      if (found.lead_id !== null) await lockLead(tx, found.lead_id);
      const request = (await lockSubjectRequest(tx, id)) ?? found;
      if (request.identified_at === null) throw new DomainError('identity_missing', 'First the person shows who they are, or somebody vouches for them.');
      const held = await handOver(tx, vault, request, { actor: `key:${caller.keyId}`, reason, format }, now);
      if (!held) throw new DomainError('nothing_held', 'Nothing can be opened: it is being fetched from the archive, or nothing is left.');
      return { status: 200, ...answerContent(held, { id, kind: request.kind, format, language }), announce: [id] };
    });
  },
});

export const subjectAnswerRoutes = [answer];
