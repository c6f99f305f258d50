import { z } from 'zod';
import type { Db } from '../db/connection.ts';
import { findRegistration, insertList, listRegistrations, type RegisteredList } from '../db/list-registrations.ts';
import { FIXED_LISTS } from '../domain/policies/fixed-lists.ts';
import { DomainError, type ProblemPart } from '../domain/problem.ts';
import { isCountry } from '../intake/country.ts';
import { answeredInstant, page, pageOf, text, uuid } from './fields.ts';
import { pageById } from './pages.ts';
import { LIST_KEEPERS, LIST_READERS } from './roles.ts';
import { route } from './route.ts';

const LIST_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** The id of a list, as callers choose it. */
export const listId = text(64)
  .regex(LIST_ID, { error: 'takes a-z, 0-9 and . _ - only, and starts with a letter or digit' })
  .meta({ examples: ['us-federal'] });

export const listParams = z.object({ id: listId });

const jurisdiction = text(6)
  .regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, { error: 'must be an ISO 3166 code, such as US or US-FL' })
  .refine((code) => isCountry(code.slice(0, 2)), { error: 'is of no country of ISO 3166-1', params: { code: 'unknown_country' } })
  .meta({ description: 'Whose list it is, as ISO 3166; in its country national numbers are read', examples: ['US'] });

const list = z
  .strictObject({
    id: listId.meta({ description: 'Chosen by you, unless the law knows the list: then it is fixed' }),
    jurisdiction,
    name: text(200).meta({ examples: ['National Do Not Call Registry'] }),
    effect: z.enum(['block', 'block_unless_consent', 'annul_consent'])
      .meta({ description: 'What it means to be listed; `annul_consent` also ends consents from before' }),
  })
  .meta({ id: 'List' });

const registeredList = list
  .extend({
    createdAt: answeredInstant,
    release: z.object({ releaseId: uuid, asOf: answeredInstant }).nullable().meta({ description: 'The release in force' }),
  })
  .meta({ id: 'RegisteredList' });

const createList = route({
  method: 'post',
  path: '/v1/dnc/lists',
  operation: 'createList',
  tag: 'Do-not-call lists',
  summary: 'Register a list',
  description:
    'Registers a do-not-call list, so that releases of it can be sent. Lists that the law requires have fixed ids, and are what the law says; ' +
    'a list of your own applies from its first release on.',
  roles: LIST_KEEPERS,
  body: list,
  answers: { 201: { description: 'The list as it is kept', schema: list } },
  problems: ['list_exists', 'list_fixed_by_law'],
  async create(context, { body }, tx) {
    requireLawful(body);
    if (await insertList(tx, body, context.now())) return { status: 201, body };
    throw new DomainError('list_exists', 'Choose another id, or send releases of the list that is there.', [
      { pointer: '/id', code: 'taken', detail: 'belongs to a registered list' },
    ]);
  },
});

const listOfLists = route({
  method: 'get',
  path: '/v1/dnc/lists',
  operation: 'listLists',
  tag: 'Do-not-call lists',
  summary: 'List the lists',
  description: 'Every registered list, by id, with its release in force.',
  roles: LIST_READERS,
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of lists', schema: pageOf(registeredList).meta({ id: 'ListPage' }), headers: { Link: 'The next page, `rel="next"`' } } },
  async handle(context, call) {
    return pageById(call, (after, most) => listRegistrations(context.db, after, most), viewOf, LIST_ID);
  },
});

export const dncListRoutes = [createList, listOfLists];

/** The registered list of an id; refuses any other. */
export async function requireList(db: Db, id: string): Promise<RegisteredList> {
  const found = await findRegistration(db, id);
  if (found) return found;
  throw new DomainError('unknown_list', 'Register the list first, with POST /v1/dnc/lists; GET /v1/dnc/lists has those there are.');
}

function requireLawful({ id, jurisdiction: given, effect }: z.output<typeof list>): void {
  const law = FIXED_LISTS.get(id);
  if (!law) return;
  const wrong: ProblemPart[] = [
    ...(given === law.jurisdiction ? [] : [fixed('/jurisdiction', law.jurisdiction)]),
    ...(effect === law.effect ? [] : [fixed('/effect', law.effect)]),
  ];
  if (wrong.length > 0) throw new DomainError('list_fixed_by_law', 'Register it as the law has it, or choose another id for a list of your own.', wrong);
}

function fixed(pointer: string, value: string): ProblemPart {
  return { pointer, code: 'fixed_by_law', detail: `must be ${value} for the list of this id` };
}

function viewOf({ release, createdAt, ...registered }: RegisteredList): z.infer<typeof registeredList> {
  const inForce = release && { releaseId: release.id, asOf: release.asOf.toISOString() };
  return { ...registered, createdAt: createdAt.toISOString(), release: inForce };
}
