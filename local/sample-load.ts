import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SampleSource, sampleSources } from './sample.ts';
import { StartFailure } from './start-failure.ts';

interface ImportAnswer {
  importId: string;
  state: 'receiving' | 'running' | 'completed' | 'failed';
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

/** Brings the sample leads into an empty store, by the same requests that anybody else would send. */
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
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const { state, problem } = (await call(`/v1/imports/${importId}`)) as ImportAnswer;
    if (state === 'completed') return;
    if (state === 'failed') throw refused(importId, JSON.stringify(problem));
    await sleep(POLL_MS, undefined, { signal });
  }
  throw refused(importId, `the import has not come to an end within ${PATIENCE_MS / 1000} s`);
}

function refused(what: string, why: string): StartFailure {
  const advice = 'start with LEADWARDEN_SAMPLE=none to go on without them';
  return new StartFailure(`The sample leads were not accepted (${what}).`, why, advice);
}
