import { describe, expect, it } from '@jest/globals';
import { getCountries } from 'libphonenumber-js/max';
import { isCountry } from '../../intake/country.ts';

describe('a country', () => {
  it('is a code in use, written in capitals', () => {
    for (const code of ['US', 'GB', 'CN', 'DE', 'XK', ...getCountries()]) expect([code, isCountry(code)]).toEqual([code, true]);
    for (const code of ['', 'us', 'USA', 'Germany', 'ZZ', 'EU', 'XA', 'QQ']) expect([code, isCountry(code)]).toEqual([code, false]);
  });

  it('is neither a code that was given up nor a nickname', () => {
    for (const code of ['UK', 'SU', 'DD', 'YU', 'AN', 'BU']) expect([code, isCountry(code)]).toEqual([code, false]);
  });
});
