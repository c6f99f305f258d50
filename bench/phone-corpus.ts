import {
  getCountries, getCountryCallingCode, getExampleNumber, parsePhoneNumberFromString, type CountryCode,
} from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { Random } from './random.ts';

export type PhoneRow = { readonly cell: string; readonly region: CountryCode };

type Spellings = readonly (readonly [weight: number, spell: (national: string) => string])[];
type Market = { country: CountryCode; starts: readonly string[]; length: number; spellings: Spellings };

const NANP: Spellings = [
  [24, (n) => `+1${n}`],
  [20, (n) => n],
  [16, (n) => `(${n.slice(0, 3)}) ${n.slice(3, 6)}-${n.slice(6)}`],
  [14, (n) => `${n.slice(0, 3)}-${n.slice(3, 6)}-${n.slice(6)}`],
  [6, (n) => `+1 ${n.slice(0, 3)} ${n.slice(3, 6)} ${n.slice(6)}`],
  [6, (n) => `1${n}`],
  [4, (n) => `+1 (${n.slice(0, 3)}) ${n.slice(3, 6)}-${n.slice(6)}`],
  [4, (n) => `1-${n.slice(0, 3)}-${n.slice(3, 6)}-${n.slice(6)}`],
  [4, (n) => `${n.slice(0, 3)}.${n.slice(3, 6)}.${n.slice(6)}`],
  [1, (n) => `(${n.slice(0, 3)}) ${n.slice(3, 6)}-${n.slice(6)} ext. 12`],
  [1, (n) => `0111${n}`],
];

const BRITISH: Spellings = [
  [26, (n) => `+44${n}`],
  [22, (n) => `0${n}`],
  [20, (n) => `0${n.slice(0, 4)} ${n.slice(4)}`],
  [10, (n) => `+44 ${n.slice(0, 4)} ${n.slice(4)}`],
  [6, (n) => `44${n}`],
  [5, (n) => `(0${n.slice(0, 3)}) ${n.slice(3, 6)} ${n.slice(6)}`],
  [4, (n) => `+44 (0)${n.slice(0, 4)} ${n.slice(4)}`],
  [4, (n) => n],
  [2, (n) => `0044 ${n}`],
  [1, (n) => `0${n.slice(0, 4)}\u2013${n.slice(4)}`],
];

const CHINESE: Spellings = [
  [40, (n) => n],
  [24, (n) => `+86${n}`],
  [14, (n) => `${n.slice(0, 3)} ${n.slice(3, 7)} ${n.slice(7)}`],
  [9, (n) => `${n.slice(0, 3)}-${n.slice(3, 7)}-${n.slice(7)}`],
  [6, (n) => `+86 ${n.slice(0, 3)} ${n.slice(3, 7)} ${n.slice(7)}`],
  [4, (n) => `86${n}`],
  [2, (n) => `0086${n}`],
  [1, (n) => n.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))],
];

// The starts are kinds of numbers, not lists of area codes: which numbers are in use is the library's to say.
const MARKETS: readonly (readonly [weight: number, market: Market])[] = [
  [45, { country: 'US', starts: ['2', '3', '4', '5', '6', '7', '8', '9'], length: 10, spellings: NANP }],
  [10, { country: 'CA', starts: ['2', '4', '5', '6', '7', '8', '9'], length: 10, spellings: NANP }],
  [22, { country: 'GB', starts: ['7', '7', '7', '20', '11', '16', '12', '800', '3'], length: 10, spellings: BRITISH }],
  [23, { country: 'CN', starts: ['13', '15', '17', '18', '19', '13', '18'], length: 11, spellings: CHINESE }],
];

/** What tools and people put around a number. */
const WRAPPINGS: readonly (readonly [weight: number, wrap: (text: string) => string])[] = [
  [940, (text) => text],
  [20, (text) => ` ${text} `],
  [10, (text) => `'${text}`],
  [10, (text) => `p:${text}`],
  [5, (text) => `="${text}"`],
  [5, (text) => `\u202a${text}\u202c`],
  [4, (text) => `tel:${text}`],
  [2, (text) => `${text} (home)`],
  [2, (text) => `${text} / ${text}`],
  [1, () => ''],
  [1, () => '2.02556E+09'],
];

/** A list of leads as companies buy them: US, CA, GB and CN numbers in the spellings people use, a few of them broken. */
export function* leadList(count: number, seed: number): Generator<PhoneRow> {
  const random = new Random(seed);
  const numbersInUse = new Map(MARKETS.map(([, market]) => [market, sampleNumbers(market, random)]));
  for (let i = 0; i < count; i++) {
    const market = random.weighted(MARKETS);
    const national = mutate(random.pick(numbersInUse.get(market) ?? []), random);
    const text = random.weighted(market.spellings)(national);
    const isForeign = text.startsWith('+') && random.below(10) === 0;
    yield { cell: random.weighted(WRAPPINGS)(text), region: isForeign ? random.weighted(MARKETS).country : market.country };
  }
}

function sampleNumbers({ country, starts, length }: Market, random: Random): string[] {
  const numbers: string[] = [];
  while (numbers.length < 500) {
    const start = random.pick(starts);
    const national = start + random.digits(length - start.length);
    const phone = parsePhoneNumberFromString(`+${getCountryCallingCode(country)}${national}`);
    if (phone?.isValid() && phone.country === country && phone.nationalNumber === national) numbers.push(national);
  }
  return numbers;
}

/** Nine in ten stay in use (another subscriber of the same exchange); the others are mistyped, cut off or too long. */
function mutate(national: string, random: Random): string {
  const last = random.digits(4);
  const other = national.slice(0, -4) + last;
  return random.weighted([
    [92, other],
    [4, random.digits(national.length)],
    [2, other.slice(0, -1 - random.below(3))],
    [2, other + random.digits(1)],
  ]);
}

/** Numbers of every country of the world, about half of them in use, written with and without their prefixes. */
export function* worldNumbers(count: number, seed: number): Generator<PhoneRow> {
  const random = new Random(seed);
  const countries = getCountries();
  for (let i = 0; i < count; i++) {
    const country = random.pick(countries);
    const example = getExampleNumber(country, examples)?.nationalNumber ?? '';
    const kept = random.below(4) === 0 ? 0 : example.length - random.below(Math.min(6, example.length));
    const national = example.slice(0, kept) + random.digits(example.length - kept + random.weighted([[8, 0], [1, 1], [1, -1]]));
    const code = getCountryCallingCode(country);
    const prefix = random.pick(['', '', '0', '1', '8', `+${code}`, `+${code}`, `+${code} (0)`, code, `00${code}`, `011${code}`]);
    yield { cell: prefix + group(national, random), region: random.below(10) === 0 ? random.pick(countries) : country };
  }
}

function group(digits: string, random: Random): string {
  const separator = digits.length < 7 ? '' : random.pick(['', '', '', ' ', '-', '.', '\u00a0']);
  const at = 2 + random.below(3);
  return `${digits.slice(0, at)}${separator}${digits.slice(at)}`;
}
