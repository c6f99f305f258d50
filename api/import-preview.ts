import type { Readable } from 'node:stream';
import { z } from 'zod';
import { DomainError } from '../domain/problem.ts';
import { decodeBody } from '../intake/import/body-encoding.ts';
import { ImportFailure } from '../intake/import/import-failure.ts';
import { previewImport } from '../intake/import/preview.ts';
import { FILE_TYPES, fileParameters, previewQuery } from './import-parameters.ts';
import { requireSource } from './lead-acquisition.ts';
import { LIMITS } from './limits.ts';
import { ACQUIRERS } from './roles.ts';
import { route } from './route.ts';

const preview = z
  .object({
    encoding: z.string(),
    delimiter: z.string().nullable().meta({ description: 'Null for NDJSON' }),
    header: z.enum(['first', 'none']),
    columns: z.array(z.string()).meta({ description: 'The header, or the numbers of the columns in a file without one' }),
    rows: z.array(z.array(z.string())).meta({ description: 'The first rows, cell by cell; what looks like a number or an address is masked' }),
    mapping: z.record(z.string(), z.union([z.string(), z.int(), z.array(z.union([z.string(), z.int()]))]))
      .meta({ description: 'What the columns seem to be; look at it before it is used' }),
  })
  .meta({ id: 'ImportPreview' });

/** Says how a file would be read, without keeping anything of it. */
export const previewFile = route({
  method: 'post',
  path: '/v1/imports/preview',
  operation: 'previewImport',
  tag: 'Imports',
  summary: 'See how a file would be read',
  description:
    'Takes a file like `POST /v1/imports` does, or only its beginning, and answers its first rows, what was found out about it, and a mapping to start from. ' +
    'Keeps nothing.',
  roles: ACQUIRERS,
  query: previewQuery,
  streams: Object.keys(FILE_TYPES),
  answers: { 200: { description: 'How it would be read', schema: preview } },
  problems: ['unknown_source', 'unreadable_file', 'unsupported_encoding'],
  async handle(context, { query, request }) {
    const { format, parameters } = fileParameters(query, request.headers['content-type']);
    const source = query.source === undefined ? null : await requireSource(context.db, query.source, '?source');
    const region = parameters.region ?? source?.defaultRegion;
    request.setTimeout(LIMITS.uploadIdleMs);
    const { bytes, whole } = await readBeginning(request, request.headers['content-encoding']);
    try {
      const body = await previewImport(bytes, whole, format, { ...parameters, ...(region ? { region } : {}) });
      return { status: 200, body };
    } catch (error) {
      throw error instanceof ImportFailure ? unreadable(error) : error;
    }
  },
});

async function readBeginning(body: Readable, contentEncoding: string | undefined): Promise<{ bytes: Buffer; whole: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of decodeBody(body, contentEncoding)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= LIMITS.previewBytes) return { bytes: Buffer.concat(chunks).subarray(0, LIMITS.previewBytes), whole: false };
  }
  return { bytes: Buffer.concat(chunks), whole: true };
}

function unreadable({ code, message }: ImportFailure): DomainError {
  return new DomainError('unreadable_file', message, [{ pointer: '', code, detail: message }]);
}
