import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');

/** Every room, with the rooms inside it. A new one is a decision: it gets its doors in .dependency-cruiser.mjs first. */
const ROOMS: Record<string, string[]> = {
  domain: ['policies', 'rules', 'wording'],
  db: ['migrations'],
  workflows: [],
  proof: [],
  intake: ['import', 'moving', 'phone', 'place', 'suppression', 'webhook'],
  dnc: ['parsing'],
  gate: [],
  endings: ['archive', 'disposal', 'journal'],
  keys: [],
  activities: ['archiving', 'backup', 'certifying', 'disposing', 'fetching', 'messaging', 'questioning', 'webhooks'],
  api: ['person'],
  worker: [],
  local: ['check', 'compose', 'tables'],
  bench: [],
};

const top = readdirSync(ROOT, { withFileTypes: true }).filter(({ name }) => name !== 'node_modules' && !name.startsWith('.'));
const sources = top
  .flatMap((entry) => (entry.isDirectory() ? below(entry.name) : [entry.name]))
  .filter((path) => path.endsWith('.ts'));

describe('every source file', () => {
  it('lies in a room that the rules of the house know', () => {
    const known = Object.entries(ROOMS).flatMap(([room, inner]) => [room, ...inner.map((name) => `${room}/${name}`)]);
    const elsewhere = sources.filter((path) => !path.startsWith('test/') && !known.includes(folderOf(path)));
    expect(elsewhere).toEqual(['config.ts']);
  });

  it('of the tests lies in a folder named after what it tests, but for the one file outside of the rooms', () => {
    const named = [...Object.keys(ROOMS), 'architecture', 'deployment', 'setup', 'simulation'];
    const elsewhere = sources.filter((path) => path.startsWith('test/') && !named.includes(path.split('/')[1] ?? ''));
    expect(elsewhere).toEqual(['test/config.test.ts']);
  });

  it('is a noun in kebab-case that says what it holds', () => {
    expect(sources.filter((path) => !/^([a-z]+\/)*[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/.test(path))).toEqual([]);
    expect(sources.filter((path) => /(utils?|helpers?|common|services?|manager)(\.ts$|\/)/.test(path))).toEqual([]);
  });
});

function below(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path.replaceAll('\\', '/')}`);
}

function folderOf(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}
