import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SampleSource, sampleSources } from './sample.ts';
import { StartFailure } from './start-failure.ts';

interface ImportAnswer {
  importId: string;
  state: 'receiving' | 'running' | 'completed' | 'failed';
  problem: unknown;
}

const CONFLICT = 409;

/** Brings the sample leads into an empty store, by the same requests that anybody else would send. */
export async function loadSample(api: string, apiKeyFile: string, signal: AbortSignal): Promise<void> {
  const headers = { authorization: `Bearer ${(await readFile(apiKeyFile, 'utf8')).trim()}` };
  const call = async (path: string, init: RequestInit = {}, accepted = 0): Promise<unknown> => {
    const answer = await fetch(new URL(path, api), { ...init, headers: { ...headers, ...init.headers }, signal });
    if (!answer.ok && answer.status !== accepted) throw refused(path, `${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  for (const sample of sampleSources(new Date())) await loadSource(sample, call, signal);
}

type Call = (path: string, init?: RequestInit, accepted?: number) => Promise<unknown>;

async function loadSource({ source, mapping, csv }: SampleSource, call: Call, signal: AbortSignal): Promise<void> {
  // A start that was killed half way has registered it already.
  await call('/v1/sources', { method: 'POST', body: JSON.stringify(source), headers: { 'content-type': 'application/json' } }, CONFLICT);
  const query = new URLSearchParams({ source: source.id, mapping: JSON.stringify(mapping) });
  const body = { method: 'POST', body: csv, headers: { 'content-type': 'text/csv' } };
  const { importId } = (await call(`/v1/imports?${query}`, body)) as ImportAnswer;
  for (;;) {
    const { state, problem } = (await call(`/v1/imports/${importId}`)) as ImportAnswer;
    if (state === 'completed') return;
    if (state === 'failed') throw refused(source.id, JSON.stringify(problem));
    await sleep(100, undefined, { signal });
  }
}

function refused(what: string, why: string): StartFailure {
  return new StartFailure(`The sample leads were not accepted (${what}).`, why, 'start with LEADWARDEN_SAMPLE=none to go on without them');
}
