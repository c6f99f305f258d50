import { describe, expect, it } from '@jest/globals';
import { stateChangesOf, type RecordedState } from '../../domain/state-changes.ts';

const EARLIER = new Date('2026-11-24T10:00:00Z');
const NOW = new Date('2026-11-24T12:00:00Z');
const LATER = new Date('2026-11-24T14:00:00Z');
const BEFORE: RecordedState & { id: string } = { id: 'lead', stage: 'active', consentState: 'granted', contactableFrom: EARLIER, reviewedAt: EARLIER };
const SAME = { stage: 'active' as const, consentState: 'granted' as const, contactableFrom: EARLIER };
const NOTHING = { stageChange: null, latestConsent: 'consent' };

const typesOf = (before: Partial<RecordedState>, after: object, grounds: object = {}) =>
  stateChangesOf({ ...BEFORE, ...before }, { ...SAME, ...after }, { ...NOTHING, ...grounds }, NOW).map(({ type }) => type);

describe('what subscribers hear of a review', () => {
  it('is nothing where nothing has changed', () => {
    expect(typesOf({}, {})).toEqual([]);
  });

  it.each([
    ['suppressed', ['lead.stage-changed', 'lead.suppressed']],
    ['archived', ['lead.stage-changed', 'lead.archived']],
    ['disposed', ['lead.stage-changed', 'lead.disposed']],
    ['confirming', ['lead.stage-changed']],
  ])('is the stage %s, and where it has come from', (stage, types) => {
    expect(typesOf({}, { stage }, { stageChange: 'change' })).toEqual(types);
    const [first] = stateChangesOf(BEFORE, { ...SAME, stage } as never, { stageChange: 'change', latestConsent: null }, NOW);
    expect(first).toMatchObject({ leadId: 'lead', factId: 'change', words: { from: 'active', to: stage } });
  });

  it('is what the consents come to, with the latest of them as the fact', () => {
    const [change] = stateChangesOf(BEFORE, { ...SAME, consentState: 'revoked' }, NOTHING, NOW);
    expect(change).toEqual({ type: 'consent.changed', leadId: 'lead', factId: 'consent', at: NOW, words: { from: 'granted', to: 'revoked' } });
  });

  it.each([
    ['that it can be called, when it could not', { contactableFrom: null }, { contactableFrom: NOW }, ['lead.contactable']],
    ['that it can be called at its first review', { reviewedAt: null, contactableFrom: null }, { contactableFrom: EARLIER }, ['lead.contactable']],
    ['that the moment has come that the last review named', { contactableFrom: new Date('2026-11-24T11:00:00Z') }, { contactableFrom: new Date('2026-11-24T11:00:00Z') }, ['lead.contactable']],
    ['nothing of a moment that is still to come', { contactableFrom: null }, { contactableFrom: LATER }, []],
    ['nothing while it goes on being callable', {}, {}, []],
    ['nothing when it can no longer be called', {}, { contactableFrom: null }, []],
  ])('is %s', (_title, before, after, types) => {
    expect(typesOf(before, after)).toEqual(types);
  });
});
