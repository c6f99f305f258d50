import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { finishRotation } from '../../db/key-rotations.ts';
import { startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

it('a rotation is asked for once, told to its workflow, and can be followed', async () => {
  const first = await api.call('POST', '/v1/keys/rotations');
  expect([first.status, first.json]).toEqual([202, expect.objectContaining({ state: 'asked', kek: null, waitsFor: 0, finishedAt: null })]);
  const id = first.json.rotationId as string;
  expect(api.announced).toContain(id);
  expect(await api.db.selectFrom('outbox').select(['workflow', 'lane']).where('subject', '=', id).execute()).toEqual([{ workflow: 'key_rotation', lane: 0 }]);
  const second = await api.call('POST', '/v1/keys/rotations');
  expect([second.status, second.json.rotationId]).toEqual([200, id]);
  await finishRotation(api.db, { id, kek: 2 }, null, new Date());
  expect((await api.call('GET', `/v1/keys/rotations/${id}`)).json).toMatchObject({ rotationId: id, state: 'completed', workflowId: `key-rotation/${id}` });
  const third = await api.call('POST', '/v1/keys/rotations');
  expect(third.status).toBe(202);
  const listed = await api.call('GET', '/v1/keys/rotations?limit=1');
  expect(listed.json.items.map(({ rotationId }: { rotationId: string }) => rotationId)).toEqual([third.json.rotationId]);
  expect((await api.call('GET', `/v1/keys/rotations?limit=1&after=${listed.json.next as string}`)).json.items[0].rotationId).toBe(id);
});

it('a rotation that there is not is answered so', async () => {
  expect((await api.call('GET', '/v1/keys/rotations/0198c0de-7a1e-7b3c-9d4e-5f60718293a4')).json.code).toBe('unknown_rotation');
});
