import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { LANGUAGES } from '../../domain/wording/language.ts';
import { WORDINGS } from '../../domain/wording/wordings.ts';
import { launchChromium } from '../setup/chromium.ts';
import { confirmationOf, consent, personWith, preferencesOf, requestOf, SOURCE } from './person-visits.ts';
import { startApi, type RunningApi } from './running-api.ts';

/** What does not fit a phone in some language is what this is about; at a desk there is room for the longest word. */
const WIDTHS = [['a phone', 390, 844, LANGUAGES], ['a desk', 1280, 900, LANGUAGES.slice(0, 1)]] as const;
const SCHEMES = ['light', 'dark'] as const;

let api: RunningApi;
let browser: Browser;
let axe: string;

beforeAll(async () => {
  [api, browser, axe] = await Promise.all([startApi(), launchChromium(), readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')]);
  await api.call('POST', '/v1/sources', { body: SOURCE });
  await api.call('POST', '/v1/sources', { body: { ...SOURCE, id: 'double', name: 'Newsletter form', confirmation: 'double_opt_in' } });
});

afterAll(async () => {
  await browser.close();
  await api.stop();
});

interface Look {
  width: number;
  height: number;
  language: string;
  scheme?: 'light' | 'dark';
  bypassCSP?: boolean;
}

/** A page in a browser of its own that notes whatever the browser complains of. */
async function visit({ width, height, language, scheme = 'light', bypassCSP = false }: Look): Promise<{ page: Page; complaints: string[]; requests: string[] }> {
  const context = await browser.newContext({ viewport: { width, height }, locale: language, colorScheme: scheme, bypassCSP });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => void complaints.push(message.text()));
  page.on('pageerror', (error) => void complaints.push(error.message));
  page.on('request', (request) => void requests.push(new URL(request.url()).origin));
  return { page, complaints, requests };
}

async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults, RunOptions>(
    (options) => (globalThis as unknown as { axe: { run(document: unknown, options: RunOptions): Promise<AxeResults> } }).axe.run(
      (globalThis as unknown as { document: unknown }).document, options),
    { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

const everything = () => [
  consent('call'), consent('email', 'marketing', { expiresAt: '2030-01-01T00:00:00Z' }), consent('sms', 'survey', { expiresAt: '2026-03-01T00:00:00Z' }),
];

let usNumber = 5_000;

/** The pages that there are, each of a person of its own. */
async function addresses(): Promise<Record<string, string>> {
  const person = await personWith(api, everything());
  await api.call('POST', `/v1/leads/${person}/revocations`, { body: { channel: 'call', purpose: 'marketing' } });
  const waiting = await personWith(api, [consent('email'), consent('call', 'marketing.partner')], { source: 'double' });
  const access = await requestOf(api, person, 'access', true);
  const erased = await personWith(api, everything(), { phone: `+1310555${String(usNumber += 1).padStart(4, '0')}` });
  const preferences = await preferencesOf(api, person);
  const withdrawn = await preferencesOf(api, await personWith(api, everything()));
  await fetch(api.url + withdrawn, { method: 'POST', body: new URLSearchParams({ action: 'withdraw', channel: 'email', purpose: 'marketing' }), redirect: 'manual' });
  return {
    request: (await requestOf(api, person, 'portability', false)).path, verified: `${access.path}?said=verified`,
    answer: `${access.path}/answer?format=html`, erased: (await requestOf(api, erased, 'erasure', true)).path,
    preferences, said: `${withdrawn}?said=withdrawn&channel=email&purpose=marketing`,
    confirm: (await confirmationOf(api, waiting)).path, gone: '/confirm/AAAAAAAAAAAAAAAAAAAAAA',
  };
}

describe.each(WIDTHS)('on %s', (device, width, height, languages) => {
  it.each(languages)('every page has no fault that axe finds, fits, and speaks %s', async (language) => {
    // What is dark does not depend on the language.
    for (const scheme of language === 'en' ? SCHEMES : SCHEMES.slice(0, 1)) {
      const { page } = await visit({ width, height, language, scheme, bypassCSP: true });
      for (const [name, path] of Object.entries(await addresses())) {
        await page.goto(api.url + path);
        expect(await page.getAttribute('html', 'lang')).toBe(language);
        expect([name, scheme, await violationsOf(page)]).toEqual([name, scheme, []]);
        const tooWide = await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
        expect([name, tooWide]).toEqual([name, false]);
        if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}-${device.split(' ')[1]}-${language}-${scheme}.png`, fullPage: true });
      }
      await page.context().close();
    }
  });

  it('a missing answer is said, and led to', async () => {
    const { page } = await visit({ width, height, language: 'en', bypassCSP: true });
    await page.goto(api.url + (await preferencesOf(api, await personWith(api, everything()))));
    await page.getByRole('button', { name: WORDINGS.en.preferences.send }).click();
    expect(await page.title()).toContain(WORDINGS.en.problem.summary);
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('alert').getByRole('link').click();
    expect(await page.evaluate('document.activeElement.id')).toBe('kind-access');
    await page.context().close();
  });
});

describe('a person with a keyboard only', () => {
  it('confirms, finds their choices, withdraws, allows again and asks for their data', async () => {
    const leadId = await personWith(api, [consent('email')], { source: 'double' });
    const { path } = await confirmationOf(api, leadId);
    const { page, complaints, requests } = await visit({ width: 1280, height: 900, language: 'en' });
    const words = WORDINGS.en;
    const reach = async (name: string) => {
      for (let presses = 0; presses < 40; presses += 1) {
        await page.keyboard.press('Tab');
        const text = await page.evaluate<string>('document.activeElement.textContent.trim() || document.activeElement.id');
        if (text === name) return;
      }
      throw new Error(`no way leads to ${name}`);
    };
    const press = async (name: string) => {
      await reach(name);
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
      await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    };
    await page.goto(api.url + path);
    await press(words.confirmation.button);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(words.confirmation.doneTitle);
    await press(words.manage);
    await press('Withdraw: Marketing by e-mail');
    expect(await page.getByRole('status').textContent()).toBe('Your consent is withdrawn: Marketing by e-mail.');
    await press('Allow again: Marketing by e-mail');
    expect(await page.getByRole('status').textContent()).toBe('Allowed again: Marketing by e-mail.');
    await reach('kind-access');
    await page.keyboard.press('ArrowDown');
    await press(words.preferences.send);
    expect(await page.getByRole('status').textContent()).toBe(words.said.requested);

    const kinds = await api.db.selectFrom('consent_event').select('kind').where('lead_id', '=', leadId).orderBy('id').execute();
    expect(kinds.map(({ kind }) => kind)).toEqual(['granted', 'confirmed', 'revoked', 'granted']);
    expect(await api.db.selectFrom('subject_request').select(['kind', 'via']).where('lead_id', '=', leadId).execute()).toEqual([
      { kind: 'portability', via: 'preferences_page' },
    ]);
    // Without a bypass: the browser had nothing to complain of, and asked nobody else for anything.
    expect(complaints).toEqual([]);
    expect(new Set(requests)).toEqual(new Set([api.url]));
    await page.context().close();
  });
});

describe('the answer to a request', () => {
  it('can be read, printed and kept without anything from elsewhere, also where there is much of it', async () => {
    const leadId = await personWith(api, everything(), { attributes: { company: 'Engines Ltd' } });
    for (let n = 1; n <= 3; n += 1) {
      const startedAt = `2026-03-0${n}T10:00:00Z`;
      await api.call('POST', `/v1/leads/${leadId}/contacts`, { body: { channel: 'call', purpose: 'marketing', startedAt, endedAt: startedAt, outcome: 'no_answer' } });
    }
    await api.call('POST', '/v1/clearances', { body: { leadId, channel: 'call', purpose: 'marketing', seller: 'acme', campaign: 'spring', agent: 'a-1', dialerMode: 'manual', callerId: '+12025550100' } });
    const { path } = await requestOf(api, leadId, 'access', true);
    const { page, complaints, requests } = await visit({ width: 900, height: 1200, language: 'en' });
    await page.goto(api.url + path);
    await Promise.all([page.waitForEvent('load'), page.getByRole('link', { name: 'Read it' }).click()]);
    const text = await page.evaluate<string>('document.body.innerText');
    for (const shown of ['Ada Lovelace', 'Engines Ltd', 'Spring fair', 'no answer', 'Allowed: Marketing by phone', 'What was checked before', 'Your rights']) expect(text).toContain(shown);
    expect(await page.getByRole('heading', { level: 2 }).count()).toBe(10);
    expect(complaints).toEqual([]);
    expect(new Set(requests)).toEqual(new Set([api.url]));
    const printed = await page.pdf({ format: 'A4' });
    expect(printed.subarray(0, 5).toString()).toBe('%PDF-');
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/answer-whole.png`, fullPage: true });
    await page.context().close();
  });
});

describe('the pictures in the documentation', () => {
  it('can be taken anew, small enough to be looked at', async () => {
    const { confirm = '', preferences = '' } = await addresses();
    for (const [name, path, width, height] of [['confirm-phone', confirm, 390, 844], ['preferences-desk', preferences, 1280, 900]] as const) {
      const { page } = await visit({ width, height, language: 'en' });
      await page.goto(api.url + path);
      const picture = await page.screenshot();
      expect(picture.length).toBeLessThan(120_000);
      if (process.env.PICTURES) await writeFile(`${process.env.PICTURES}/${name}.png`, picture);
      await page.context().close();
    }
  });
});
