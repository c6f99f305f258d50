import { z } from 'zod';
import { addSettings, currentSettings, listSettings, type SettingsVersion } from '../db/settings.ts';
import { POLICIES } from '../domain/policies/book.ts';
import { DomainError } from '../domain/problem.ts';
import type { Settings } from '../domain/settings.ts';
import { breaches, type Breach } from '../domain/settings-in-law.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { answeredInstant, page, pageOf } from './fields.ts';
import { cutPage, nextPageHeaders } from './pages.ts';
import { RULE_KEEPERS, SETTINGS_READERS } from './roles.ts';
import { route } from './route.ts';
import { settingsBody, settingsDocument } from './settings-body.ts';

const tagHeader = { ETag: 'Names this version; send it as If-Match to change it' };

const readSettings = route({
  method: 'get',
  path: '/v1/settings',
  operation: 'readSettings',
  tag: 'Settings',
  summary: 'Read the settings',
  description: 'What the company asks of itself beyond the law.',
  roles: SETTINGS_READERS,
  answers: { 200: { description: 'The settings in force', schema: settingsDocument, headers: tagHeader } },
  async handle(context) {
    return { status: 200, ...shown(await currentSettings(context.db)) };
  },
});

const changeSettings = route({
  method: 'put',
  path: '/v1/settings',
  operation: 'changeSettings',
  tag: 'Settings',
  summary: 'Change the settings',
  description:
    'Replaces the whole document, as a new version; every version is kept. What is looser than a law of any jurisdiction on file is refused ' +
    'with that law.',
  roles: RULE_KEEPERS,
  headers: z.object({ 'if-match': z.string().max(100).optional().meta({ description: 'The ETag of the version that was read; required' }) }),
  body: settingsBody,
  answers: { 200: { description: 'The settings in force from now on', schema: settingsDocument, headers: tagHeader } },
  problems: ['precondition_required', 'precondition_failed', 'settings_looser_than_law'],
  async create(context, { headers, body, caller }, tx) {
    const now = context.now();
    const known = await currentSettings(tx);
    requireMatch(headers['if-match'], known);
    requireLawful(body, now);
    const next = { version: known.version + 1, settings: body };
    if (!(await addSettings(tx, next, `key:${caller.keyId}`, now))) throw stale();
    return { status: 200, ...shown(next) };
  },
});

const settingsVersion = z
  .object({
    version: z.int(),
    createdAt: answeredInstant,
    createdBy: z.string().meta({ description: 'The key that made it' }),
    settings: settingsDocument.omit({ version: true }),
  })
  .meta({ id: 'SettingsVersion' });

const listOfVersions = route({
  method: 'get',
  path: '/v1/settings/versions',
  operation: 'listSettingsVersions',
  tag: 'Settings',
  summary: 'List the versions of the settings',
  description: 'Every version that somebody made, newest first.',
  roles: SETTINGS_READERS,
  query: z.strictObject(page),
  answers: {
    200: {
      description: 'A page of versions',
      schema: pageOf(settingsVersion).meta({ id: 'SettingsVersionPage' }),
      headers: { Link: 'The next page, `rel="next"`' },
    },
  },
  async handle(context, { query, request }) {
    const before = decodeCursor(query.after, [/^\d{1,9}$/]);
    const found = await listSettings(context.db, before === null ? null : Number(before[0]), query.limit + 1);
    const { items, next } = cutPage(found, query.limit, (last) => encodeCursor(String(last.version)));
    const versions = items.map(({ createdAt, ...version }) => ({ ...version, createdAt: createdAt.toISOString() }));
    return { status: 200, headers: nextPageHeaders(request, next), body: { items: versions, next } };
  },
});

export const settingsRoutes = [readSettings, changeSettings, listOfVersions];

function shown({ version, settings }: SettingsVersion): { headers: Record<string, string>; body: unknown } {
  return { headers: { etag: tagOf(version), 'cache-control': 'private, no-cache' }, body: { version, ...settings } };
}

function tagOf(version: number): string {
  return `"settings-${version}"`;
}

function requireMatch(given: string | undefined, { version }: SettingsVersion): void {
  if (given === undefined) {
    throw new DomainError('precondition_required', 'Read the settings first and send their ETag as If-Match.', [
      { pointer: 'header:If-Match', code: 'required', detail: 'is missing' },
    ]);
  }
  if (!given.split(',').some((tag) => tag.trim() === tagOf(version))) throw stale();
}

function stale(): DomainError {
  return new DomainError('precondition_failed', 'Somebody has changed the settings since; read them again.');
}

/** Refuses settings that are looser than a law on file, naming it. */
export function requireLawful(settings: Settings, now: Date): void {
  const found = breaches(settings, POLICIES.values(), now.toISOString().slice(0, 10));
  if (found.length === 0) return;
  throw new DomainError('settings_looser_than_law', 'Each of these has to be at least what the law says.', found.map(partOf));
}

function partOf({ pointer, rule, jurisdiction, source, confidence, atLeast }: Breach) {
  return { pointer, code: 'looser_than_law', detail: `must be at least ${atLeast}: ${rule} of ${jurisdiction}, ${source} (${confidence})` };
}
