import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROLES } from '../../api/roles.ts';
import { startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => void (api = await startApi()));
afterAll(() => api.stop());

describe('GET /v1/policies', () => {
  test.each(ROLES)('shows %s every jurisdiction, with how much of it waits for counsel', async (role) => {
    const { status, json } = await api.call('GET', '/v1/policies', { as: role });
    expect(status).toBe(200);
    expect(json.items).toContainEqual(expect.objectContaining({ jurisdiction: 'US-FL', unconfirmed: 1 }));
    expect(json.items).toContainEqual(expect.objectContaining({ jurisdiction: '*' }));
  });

  test('shows nothing to nobody', async () => {
    expect((await api.call('GET', '/v1/policies', { as: null })).status).toBe(401);
  });
});

describe('GET /v1/policies/{jurisdiction}', () => {
  test.each([['2026-10-17', false], ['2026-10-18', true], ['2026-10-18T00:00:00Z', true]])('says what was in force at %s', async (at, inForce) => {
    const { json } = await api.call('GET', `/v1/policies/US-PA?at=${at}`);
    const sunday = json.rules.find(({ rule }: { rule: string }) => rule === 'call_window');
    expect(sunday).toMatchObject({ inForce, from: '2026-10-18', confidence: 'secondary', says: expect.stringContaining('closed on sun') });
  });

  test('shows the holidays of the year asked about, with their source', async () => {
    const { json } = await api.call('GET', '/v1/policies/FR?at=2027-05-01');
    expect(json.holidays.source).toMatch(/date-holidays \d/);
    expect(json.holidays.days).toContain('2027-07-14');
    expect(json.holidays.days.every((day: string) => day.startsWith('2027'))).toBe(true);
  });

  test('shows the page that stands in, marked as such, for a country without one of its own', async () => {
    const { json } = await api.call('GET', '/v1/policies/JP');
    expect(json).toMatchObject({ jurisdiction: 'JP', default: true, rules: expect.arrayContaining([expect.objectContaining({ rule: 'call_window' })]) });
    expect((await api.call('GET', '/v1/policies/FR')).json).not.toHaveProperty('default');
  });

  test.each([['XX', 404], ['UK', 404], ['US-AK', 404], ['ZZ-9999', 404], ['%2A', 200], ['us', 404]])('answers %s with %i', async (jurisdiction, status) => {
    const reply = await api.call('GET', `/v1/policies/${jurisdiction}`);
    expect(reply.status).toBe(status);
    if (status === 404) expect(reply.json.code).toBe('unknown_policy');
  });
});

test('the page of the law names every jurisdiction and marks what is unconfirmed', async () => {
  const { status, text, headers } = await api.call('GET', '/docs/law');
  expect(status).toBe(200);
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(text).toContain('Fla. Stat. 501.616(6)');
  for (const { name } of (await api.call('GET', '/v1/policies')).json.items) expect(text).toContain(`>${name}</a>`);
  expect(text).toContain('<td><mark>unconfirmed</mark> <time>2026-');
  expect(text).toContain('not legal advice');
  expect(text).toContain('Every day 08:00-21:00.');
  expect(text).not.toContain('<script');
  expect(text).not.toContain('undefined');
});
