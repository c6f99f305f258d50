import { z } from 'zod';
import { insertSource, listSources } from '../db/sources.ts';
import { DomainError } from '../domain/problem.ts';
import { CONFIRMATIONS, LEGAL_BASES, SOURCE_KINDS } from '../domain/source.ts';
import { tagged } from './answers.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { answeredInstant, country, page, pageOf, sourceId, text } from './fields.ts';
import { cutPage, nextPageHeaders } from './pages.ts';
import { SOURCE_KEEPERS, SOURCE_READERS } from './roles.ts';
import { route } from './route.ts';

const consentText = z.strictObject({
  version: text(64).meta({ description: 'What a consent names the text by', examples: ['2026-03'] }),
  language: text(35).meta({ description: 'BCP 47', examples: ['en'] }),
  text: text(10_000).meta({ description: 'The exact words people agree to' }),
  names: z.array(text(200)).max(50).default([]).meta({ description: 'The callers that the text names', examples: [['acme']] }),
});

const source = z
  .strictObject({
    id: sourceId.meta({ description: 'Chosen by you, never changed' }),
    name: text(200).meta({ examples: ['Spring fair'] }),
    kind: z.enum(SOURCE_KINDS),
    legalBasis: z.enum(LEGAL_BASES).meta({ description: 'The ground of GDPR art. 6(1) on which its leads are held' }),
    confirmation: z.enum(CONFIRMATIONS).default('none').meta({ description: 'Whether consents of this source must be confirmed' }),
    defaultRegion: country.nullable().default(null).meta({ description: 'Country in which national numbers of this source are read' }),
    consentTexts: z.array(consentText).max(200).default([]),
  })
  .meta({ id: 'Source' });

const listedSource = source
  .extend({ suspendedAt: answeredInstant.nullable().meta({ description: 'Since when it is out of use' }) })
  .meta({ id: 'ListedSource' });

const createSource = route({
  method: 'post',
  path: '/v1/sources',
  operation: 'createSource',
  tag: 'Sources',
  summary: 'Register a source',
  description: 'Registers an origin of leads. Leads from anywhere else are refused, so this comes first.',
  roles: SOURCE_KEEPERS,
  body: source,
  answers: { 201: { description: 'The source as it is kept', schema: source } },
  problems: ['source_exists'],
  async create(context, { body }, tx) {
    if (await insertSource(tx, body, context.now())) return { status: 201, body };
    throw new DomainError('source_exists', 'Choose another id, or go on using the source that is there.', [
      { pointer: '/id', code: 'taken', detail: 'belongs to a registered source' },
    ]);
  },
});

const listOfSources = route({
  method: 'get',
  path: '/v1/sources',
  operation: 'listSources',
  tag: 'Sources',
  summary: 'List the sources',
  description: 'Every registered source, by id.',
  roles: SOURCE_READERS,
  query: z.strictObject(page),
  answers: {
    200: {
      description: 'A page of sources',
      schema: pageOf(listedSource).meta({ id: 'SourcePage' }),
      headers: { ETag: 'Names this state of the list', Link: 'The next page, `rel="next"`' },
    },
  },
  async handle(context, { query, request }) {
    const after = decodeCursor(query.after, [/^[a-z0-9._-]{1,64}$/]);
    const found = await listSources(context.db, after?.[0] ?? null, query.limit + 1);
    const shown = found.map((each) => ({ ...each, suspendedAt: each.suspendedAt?.toISOString() ?? null }));
    const body = cutPage(shown, query.limit, (last) => encodeCursor(last.id));
    return { status: 200, headers: { ...tagged(JSON.stringify(body)), ...nextPageHeaders(request, body.next) }, body };
  },
});

export const sourceRoutes = [createSource, listOfSources];
