import { describe, expect, test } from '@jest/globals';
import { fromRecord } from '../../gate/recorded-facts.ts';
import { AT, everyFact, QUESTION } from './facts.ts';

describe('the record of what a decision looked at', () => {
  test('comes back exactly as it was, from text and from a parsed column', () => {
    const looked = { question: QUESTION, facts: everyFact(), at: AT };
    const text = JSON.stringify(looked);
    expect(fromRecord(text)).toStrictEqual(looked);
    expect(fromRecord(JSON.parse(text))).toStrictEqual(looked);
  });

  test('keeps that the number belongs to no lead, and that nothing was there', () => {
    const facts = {
      lead: null, acquisitions: [], consents: [], suppressions: [], relationships: [], contacts: [], openClearance: null,
      lists: [], campaign: [], reassigned: null, portings: [], unclearOptOuts: [],
    };
    const looked = { question: { ...QUESTION, campaign: null, callerId: null }, facts, at: AT };
    expect(fromRecord(JSON.stringify(looked))).toStrictEqual(looked);
  });
});
