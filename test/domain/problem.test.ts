import { expect, test } from '@jest/globals';
import { DomainError } from '../../domain/problem.ts';

test('a broken rule says which, what would be right, and where; never what was rejected', () => {
  const parts = [{ pointer: '/phone', code: 'invalid_phone', detail: 'a number in international form is wanted' }];
  const error = new DomainError('invalid_phone', 'the number cannot be read', parts);
  expect(error).toBeInstanceOf(Error);
  expect([error.name, error.code, error.message, error.parts]).toEqual(['DomainError', 'invalid_phone', 'the number cannot be read', parts]);
  expect(new DomainError('unknown_lead', 'there is no such lead').parts).toStrictEqual([]);
});
