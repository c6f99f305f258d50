import { describe, expect, it } from '@jest/globals';
import { rotationCard, stateOf, type RotationReport } from '../../domain/rotation-card.ts';

const report = (changes: Partial<RotationReport> = {}): RotationReport => ({
  state: 'wrapping', kek: 2, askedBy: 'schedule', activatedAt: '2026-11-26T11:30:00.000Z', waitsFor: 0, rewrapped: 0, problem: null, dueAt: null, ...changes,
});

describe('what an operator reads about a rotation', () => {
  it('is how far it is, and how long it will take', () => {
    const card = rotationCard(report({ rewrapped: 250_000 }), { phase: 'wrapping', done: 250_000, total: 1_000_000, perSecond: 25_000, remainingSeconds: 30 });
    expect(card).toContain('Wrapping (25 %), 25,000 keys a second, about 30 s to go');
    expect(card).toContain('- to key-encryption key **2**, asked for by schedule\n- in use since 2026-11-26 11:30 UTC\n- **250,000** keys were wrapped anew');
  });

  it('is what it waits for', () => {
    expect(rotationCard(report({ state: 'waiting', activatedAt: null, waitsFor: 3 }), null)).toContain('**3** processes are not that far');
  });

  it('is what to do where it came to nothing', () => {
    expect(rotationCard(report({ state: 'failed', problem: 'unreadable_keys' }), null)).toContain('unreadable_keys: some keys could not be opened');
    expect(rotationCard(report({ state: 'failed', problem: 'new_word' }), null)).toContain('new_word: see the log of the worker');
  });

  it('is when it will be due, while it is not', () => {
    const nothing = { kek: null, askedBy: null, activatedAt: null };
    expect(rotationCard(report({ state: 'not_due', ...nothing, dueAt: '2027-01-01T00:00:00.000Z' }), null)).toContain('it is due 2027-01-01 00:00 UTC');
    expect(rotationCard(null, null)).toBe('### asked');
  });

  it('begins with a state that follows from what has happened', () => {
    const nothing = { kek: null, activatedAt: null, finishedAt: null, problem: null };
    expect(stateOf(nothing)).toBe('asked');
    expect(stateOf({ ...nothing, kek: 2 })).toBe('waiting');
    expect(stateOf({ ...nothing, kek: 2, activatedAt: new Date() })).toBe('wrapping');
    expect(stateOf({ ...nothing, kek: 2, finishedAt: new Date() })).toBe('completed');
    expect(stateOf({ ...nothing, finishedAt: new Date(), problem: 'key_folder_read_only' })).toBe('failed');
  });
});
