import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { insertSource } from '../../db/sources.ts';
import { ConsentTexts } from '../../gate/consent-texts.ts';
import { createHouse, SOURCE, type House } from '../setup/house.ts';

const WORDS = 'I agree that Beta-Corp, Inc. and 某公司的员工 may call me about my car.';

let house: House;
const texts = new ConsentTexts();
const listed = { textSourceId: 'listed', textVersion: '1' };
const worded = { textSourceId: 'worded', textVersion: '1' };
beforeAll(async () => {
  house = await createHouse();
  const text = { version: '1', language: 'en', text: WORDS, names: [] };
  await house.db.transaction().execute(async (tx) => {
    await insertSource(tx, { ...SOURCE, id: 'listed', consentTexts: [{ ...text, names: ['Acme Ltd'] }] }, new Date());
    await insertSource(tx, { ...SOURCE, id: 'worded', consentTexts: [text] }, new Date());
  });
  await texts.read(house.db, [listed, worded]);
});
afterAll(() => house.close());

describe('the text of a consent names a caller', () => {
  test.each([
    ['that its list has, however it is spelt', 'ACME LTD', listed, true],
    ['that its list has in part only', 'acme', listed, false],
    ['that only its words have, beside a list', 'beta corp', listed, false],
    ['in its words', 'Beta-Corp', worded, true],
    ['in its words, punctuated otherwise', 'beta corp inc', worded, true],
    ['in a script without blanks', '某公司', worded, true],
    ['by the beginning of a word', 'beta co', worded, false],
    ['by the end of a word', 'eta-corp', worded, false],
    ['by a letter that occurs', 'e', worded, false],
    ['that it does not have', 'acme', worded, false],
    ['without having been kept', 'acme', { textSourceId: null, textVersion: null }, false],
  ])('%s', (_how, seller, consent, isNamed) => {
    expect(texts.names(seller, consent)).toBe(isNamed);
  });
});
