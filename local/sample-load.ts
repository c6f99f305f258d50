import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SampleList, sampleLists } from './sample-lists.ts';
import { type SampleSource, sampleSources } from './sample.ts';
import { StartFailure } from './start-failure.ts';

interface ImportAnswer {
  importId: string;
  state: 'receiving' | 'running' | 'completed' | 'failed';
  problem: unknown;
}

interface ReleaseAnswer {
  releaseId: string;
  state: 'receiving' | 'parsing' | 'awaiting_approval' | 'in_force' | 'superseded' | 'failed';
  problem: unknown;
}

interface Sent {
  method?: string;
  body?: string;
  headers?: Record<string, string>;
}

type Call = (path: string, sent?: Sent, accepted?: number) => Promise<unknown>;

const CONFLICT = 409;
const POLL_MS = 300;
const PATIENCE_MS = 120_000;

/** Brings the sample leads, and lists with some of them, into an empty store, by the requests that anybody else would send. */
export async function loadSample(api: string, apiKeyFile: string, signal: AbortSignal): Promise<void> {
  const headers = { authorization: `Bearer ${(await readFile(apiKeyFile, 'utf8')).trim()}` };
  const call: Call = async (path, sent = {}, accepted = 0) => {
    const answer = await fetch(new URL(path, api), { ...sent, headers: { ...headers, ...sent.headers }, signal });
    if (answer.ok || answer.status === accepted) return answer.json();
    throw refused(path.replace(/\?.*/, ''), `${answer.status} ${await answer.text()}`);
  };
  const imports = [];
  for (const sample of sampleSources(new Date())) imports.push(await send(sample, call));
  for (const importId of imports) await untilCompleted(importId, call, signal);
  await Promise.all(sampleLists(new Date()).map((sample) => sendReleases(sample, call, signal)));
}

async function sendReleases({ list, releases }: SampleList, call: Call, signal: AbortSignal): Promise<void> {
  const registration = { method: 'POST', body: JSON.stringify(list), headers: { 'content-type': 'application/json' } };
  await call('/v1/dnc/lists', registration, CONFLICT);
  for (const { file, ...release } of releases) {
    const path = `/v1/dnc/lists/${list.id}/releases`;
    const { releaseId } = (await call(`${path}?${new URLSearchParams(release)}`, { method: 'POST', body: file })) as ReleaseAnswer;
    await until(releaseId, signal, async () => {
      const { state, problem } = (await call(`${path}/${releaseId}`)) as ReleaseAnswer;
      if (state === 'failed') throw refused(list.id, JSON.stringify(problem));
      return state === 'in_force' || state === 'superseded';
    });
  }
}

async function send({ source, mapping, csv }: SampleSource, call: Call): Promise<string> {
  // A start that was killed half way has registered it already.
  const registration = { method: 'POST', body: JSON.stringify(source), headers: { 'content-type': 'application/json' } };
  await call('/v1/sources', registration, CONFLICT);
  const query = new URLSearchParams({ source: source.id, mapping: JSON.stringify(mapping) });
  const body = { method: 'POST', body: csv, headers: { 'content-type': 'text/csv' } };
  return ((await call(`/v1/imports?${query}`, body)) as ImportAnswer).importId;
}

async function untilCompleted(importId: string, call: Call, signal: AbortSignal): Promise<void> {
  await until(importId, signal, async () => {
    const { state, problem } = (await call(`/v1/imports/${importId}`)) as ImportAnswer;
    if (state === 'failed') throw refused(importId, JSON.stringify(problem));
    return state === 'completed';
  });
}

async function until(what: string, signal: AbortSignal, isDone: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    if (await isDone()) return;
    await sleep(POLL_MS, undefined, { signal });
  }
  throw refused(what, `it has not come to an end within ${PATIENCE_MS / 1000} s`);
}

function refused(what: string, why: string): StartFailure {
  const advice = 'start with LEADWARDEN_SAMPLE=none to go on without it';
  return new StartFailure(`The sample was not accepted (${what}).`, why, advice);
}
