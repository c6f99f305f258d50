import { z } from 'zod';
import { abandonRelease, approveRelease, findRelease, type Release } from '../db/dnc-releases.ts';
import type { Tx } from '../db/connection.ts';
import { currentSettings } from '../db/settings.ts';
import { DomainError } from '../domain/problem.ts';
import type { ApiContext } from './context.ts';
import { releaseParams, releaseView, releaseViewOf, requireRelease } from './dnc-release-view.ts';
import { text } from './fields.ts';
import { LIST_KEEPERS } from './roles.ts';
import { route, type Answer } from './route.ts';

const decision = z
  .strictObject({ reason: text(500).optional().meta({ description: 'For whoever asks later; it must tell of nobody', examples: ['The registry was cleaned up'] }) })
  .meta({ id: 'ReleaseDecision' });

const approve = route({
  method: 'post',
  path: '/v1/dnc/lists/{id}/releases/{releaseId}/approve',
  operation: 'approveRelease',
  tag: 'Do-not-call lists',
  summary: 'Let a release that waits come into force',
  description:
    'For a full release that would take more off the list than the setting `lists.maxDrop` allows. With `approvals.fourEyes` it takes another key than ' +
    'the one that sent it.',
  roles: LIST_KEEPERS,
  params: releaseParams,
  unknown: 'unknown_release',
  body: decision,
  answers: { 200: { description: 'The release, which goes on', schema: releaseView } },
  problems: ['release_not_waiting', 'second_person_needed'],
  async create(context, { params, body, caller }, tx) {
    const release = await requireRelease(tx, params.id, params.releaseId);
    const by = `key:${caller.keyId}`;
    await requireOtherPerson(tx, release, by);
    if (!(await approveRelease(tx, release.id, by, context.now(), body.reason ?? null))) {
      throw new DomainError('release_not_waiting', 'Only a release that is `awaiting_approval` can be approved.');
    }
    return decided(context, tx, release.id);
  },
});

const abandon = route({
  method: 'post',
  path: '/v1/dnc/lists/{id}/releases/{releaseId}/abandon',
  operation: 'abandonRelease',
  tag: 'Do-not-call lists',
  summary: 'Give a release up',
  description: 'Ends a release that is not in force yet. The list stays as it is.',
  roles: LIST_KEEPERS,
  params: releaseParams,
  unknown: 'unknown_release',
  body: decision,
  answers: { 200: { description: 'The release, which has failed', schema: releaseView } },
  problems: ['release_not_waiting'],
  async create(context, { params, body, caller }, tx) {
    const release = await requireRelease(tx, params.id, params.releaseId);
    if (!(await abandonRelease(tx, release.id, `key:${caller.keyId}`, context.now(), body.reason ?? null))) {
      throw new DomainError('release_not_waiting', 'It has come to its end; what is in force is replaced by another release.');
    }
    return decided(context, tx, release.id);
  },
});

export const dncDecisionRoutes = [approve, abandon];

async function requireOtherPerson(tx: Tx, { receivedBy }: Release, by: string): Promise<void> {
  const { settings } = await currentSettings(tx);
  if (!settings.approvals.fourEyes || receivedBy !== by) return;
  throw new DomainError('second_person_needed', 'Whoever sent a release cannot approve it; the setting `approvals.fourEyes` asks for another key.');
}

async function decided(context: ApiContext, tx: Tx, id: string): Promise<Answer> {
  const release = await findRelease(tx, id);
  if (!release) throw new DomainError('unknown_release', 'Check the ids.');
  return { status: 200, body: releaseViewOf(context, release), announce: [id], isJob: true };
}
