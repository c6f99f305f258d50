import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDisposalActivities } from '../../activities/disposal.ts';
import { FolderStore } from '../../activities/archiving/folder-store.ts';
import { dropForgottenLinks } from '../../db/person-links.ts';
import { FolderJournal } from '../../endings/journal/folder-journal.ts';
import { runFolder } from '../setup/suite.ts';
import { consent, personWith, preferencesOf, requestOf, SOURCE } from './person-visits.ts';
import { startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
let moment = new Date();
beforeAll(async () => {
  api = await startApi({ now: () => moment });
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

const visit = (path: string, language = 'en') => fetch(api.url + path, { headers: { 'accept-language': language } });
const press = (path: string) => fetch(api.url + path, { method: 'POST', body: new URLSearchParams({ action: 'withdraw_all' }), redirect: 'manual' });

async function dispose(leadId: string): Promise<void> {
  const folder = join(runFolder(), `forgotten-${randomUUID()}`);
  const { db, signing, now } = api.context;
  const [archive, journal] = [new FolderStore(join(folder, 'archive')), new FolderJournal(join(folder, 'journal'), 'one')];
  const { disposeLead } = createDisposalActivities({ db, now, signing, archive, journal, backupKeepDays: 14 });
  const { json: { id } } = await api.call('POST', `/v1/leads/${leadId}/disposals`, { as: 'compliance', body: { reason: 'acquired in error' } });
  await api.call('POST', `/v1/disposals/${id}/approve`, { as: 'admin' });
  expect(await disposeLead(leadId)).toMatchObject({ isDone: true });
}

describe('the page behind a link of a person who was forgotten', () => {
  it('says that nothing is held any more, in four languages, by whichever link, and nothing else', async () => {
    const leadId = await personWith(api, [consent('email')]);
    const paths = [await preferencesOf(api, leadId), (await requestOf(api, leadId, 'access', false)).path];
    await dispose(leadId);
    for (const path of paths) {
      const reply = await visit(path);
      expect(reply.status).toBe(404);
      const text = await reply.text();
      expect(text).toContain('<h1>Nothing is held about you any more</h1>');
      for (const hidden of ['Lovelace', '@example', '4915', 'Spring fair', leadId]) expect(text).not.toContain(hidden);
    }
    const titles = await Promise.all(['de', 'fr', 'zh'].map(async (language) => (await visit(paths[0] ?? '', language)).text()));
    for (const [nth, title] of ['Über Sie ist nichts mehr gespeichert', 'Plus rien n’est conservé à votre sujet', '我们已不再保存您的任何信息'].entries()) {
      expect(titles[nth]).toContain(title);
    }
    expect(await (await press(paths[0] ?? '')).text()).toContain('Nothing is held about you any more');
  });

  it('is shown for no other link, and no longer than the link would have led somewhere', async () => {
    const leadId = await personWith(api, []);
    const path = await preferencesOf(api, leadId);
    await dispose(leadId);
    expect(await (await visit(`/preferences/${'A'.repeat(22)}`)).text()).toContain('This link cannot be used');
    expect(await dropForgottenLinks(api.db, moment, 100)).toBe(0);
    moment = new Date(moment.getTime() + 31 * 86_400_000);
    expect(await (await visit(path)).text()).toContain('This link cannot be used');
    expect(await dropForgottenLinks(api.db, moment, 100)).toBeGreaterThan(0);
    expect(await api.db.selectFrom('forgotten_link').selectAll().execute()).toEqual([]);
  });
});
