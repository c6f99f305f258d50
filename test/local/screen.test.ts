import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { welcome } from '../../local/screen.ts';
import type { StoreCounts } from '../../local/store-counts.ts';

const FACTS = {
  api: 'http://127.0.0.1:8080', metrics: 'http://127.0.0.1:9464/metrics',
  temporalUi: 'http://127.0.0.1:8233', temporalAddress: '127.0.0.1:7233',
  databaseUrl: 'postgres://leadwarden:secret@127.0.0.1:5432/leadwarden', apiKeyFile: "/home/o'hara/admin.key", pid: 1,
};

function show(counts: Omit<StoreCounts, 'lists'>, lists: StoreCounts['lists'] = []): string {
  return welcome(FACTS, { home: '/home', namespace: 'default', counts: { ...counts, lists } });
}

describe('the welcome screen', () => {
  it('counts leads and links to the workflows of the active ones', () => {
    const screen = show({ leads: 1234, more: false, sources: 1, ownSources: 0 });
    expect(screen).toContain('1,234 leads from 1 source.');
    expect(screen).toContain('http://127.0.0.1:8233/namespaces/default/workflows?query=LeadStage%3D%22active%22');
  });

  it('does not pretend to know how many leads a large store has', () => {
    expect(show({ leads: 100_000, more: true, sources: 2, ownSources: 2 })).toContain('More than 100,000 leads from 2 sources.');
  });

  it('names the do-not-call lists in force, and how many leads are on them', () => {
    const lists = [{ id: 'gb-tps', numbers: 350, leads: 1 }, { id: 'us-federal', numbers: 1_000_000, leads: 19 }];
    const screen = show({ leads: 200, more: false, sources: 3, ownSources: 0 }, lists);
    expect(screen).toContain('Do-not-call lists in force: gb-tps with 350 numbers, 1 lead on it; us-federal with 1,000,000 numbers, 19 leads on it.');
  });

  it('says nothing secret', () => {
    expect(show({ leads: 0, more: false, sources: 0, ownSources: 0 })).not.toContain('secret');
  });

  it('shows commands that a shell reads as they are meant, whatever the folder is called', () => {
    const screen = show({ leads: 0, more: false, sources: 0, ownSources: 0 });
    const commands = [...screen.matchAll(/curl (?:.*\\\n)?.*/g)].map(([command]) => command);
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      const script = `cat() { echo "key of $1"; }; curl() { printf '%s\\n' "$@"; }; ${command}`;
      const words = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\n');
      expect(words).toContain("Authorization: Bearer key of /home/o'hara/admin.key");
      expect(JSON.parse(words.find((word) => word.startsWith('{')) ?? '')).toBeInstanceOf(Object);
    }
  });
});
