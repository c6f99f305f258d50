/** A source of the sample, with the leads that came from it as the file that its owner would have exported. */
export interface SampleSource {
  source: { id: string; name: string; kind: string; legalBasis: string; defaultRegion: string; consentTexts: SampleText[] };
  mapping: Record<string, string | string[]>;
  csv: string;
}

interface SampleText {
  version: string;
  language: string;
  text: string;
  names: string[];
}

interface Person {
  first: string;
  last: string;
  phone: string;
  acquiredAt: Date;
}

/** Draws the next whole number from 0 to below `limit`. */
type Draw = (limit: number) => number;

const FIRST = ['Ada', 'Alan', 'Barbara', 'Carl', 'Chien', 'Dorothy', 'Edsger', 'Emmy', 'Frances', 'Grace', 'Hedy', 'Ida', 'Joan',
  'Katherine', 'Leonhard', 'Lise', 'Maria', 'Niklaus', 'Otto', 'Radia', 'Sofia', 'Tim', 'Ursula', 'Vera'];
const LAST = ['Example', 'Sample', 'Specimen', 'Muster', 'Placeholder', 'Nobody', 'Fiction', 'Invented', 'Imagined', 'Pretend'];
const COMPANIES = ['Example Ltd', 'Sample & Sons', 'Muster GmbH', 'Placeholder Pty', 'Specimen SARL'];

// Numbers that regulators keep free for films and books: nobody can be reached under them.
const AMERICAN = ['202', '212', '305', '312', '415', '480', '512', '617', '702', '808', '850', '907'];
const CANADIAN = ['416', '514', '604'];
const BRITISH = ['020 7946 0', '0113 496 0', '0121 496 0', '0131 496 0', '0141 496 0', '0161 496 0'];
const ABROAD = ['+33 1 99 00 0', '+33 2 61 91 0', '+49 30 23125 ', '+61 2 5550 0', '+61 3 7010 0'];

const DAY_MS = 86_400_000;

/**
 * About 200 invented leads from three sources, spread over the half year before `today`. The same day gives the same leads;
 * some of the last source's are people whom the first one knows already.
 */
export function sampleSources(today: Date): SampleSource[] {
  const draw = drawFrom(20_260_301);
  const american = people(110, draw, today, (n) => `(${pick(n % 12 === 0 ? CANADIAN : AMERICAN, n)}) 555-01${two(n)}`);
  const british = people(60, draw, today, (n) => pick(BRITISH, n) + three(n * 7));
  const abroad = people(35, draw, today, (n) => pick(ABROAD, n) + three(n * 11));
  return [website(american), fair(british), partner([...abroad, ...american.slice(0, 10).map((person) => later(person, today))])];
}

function website(people: Person[]): SampleSource {
  const text = { version: '2026-03', language: 'en', text: 'I agree that Acme may call me about its offers.', names: ['acme'] };
  return {
    source: {
      id: 'sample-website', name: 'Sample: website', kind: 'web_form',
      legalBasis: 'consent', defaultRegion: 'US', consentTexts: [text],
    },
    mapping: {
      'subject.name': ['First name', 'Last name'], 'subject.email': 'E-mail', phone: 'Phone', acquiredAt: 'Signed up',
      'consent.call.marketing.obtainedAt': 'Agreed', 'consent.call.marketing.textVersion': 'Wording',
    },
    csv: csvOf(['First name', 'Last name', 'E-mail', 'Phone', 'Signed up', 'Agreed', 'Wording'], people.map((person, n) => {
      const at = person.acquiredAt.toISOString();
      const agreed = n % 3 === 0 ? ['', ''] : [at, '2026-03'];
      return [person.first, person.last, mail(person, n), person.phone, at, ...agreed];
    })),
  };
}

function fair(people: Person[]): SampleSource {
  return {
    source: {
      id: 'sample-fair', name: 'Sample: spring fair', kind: 'event',
      legalBasis: 'legitimate_interest', defaultRegion: 'GB', consentTexts: [],
    },
    mapping: { 'subject.name': 'Name', phone: 'Telephone', acquiredAt: 'Badge scanned' },
    csv: csvOf(['Name', 'Telephone', 'Badge scanned'], people.map((person) =>
      [`${person.first} ${person.last}`, person.phone, person.acquiredAt.toISOString()])),
  };
}

function partner(people: Person[]): SampleSource {
  return {
    source: {
      id: 'sample-partner', name: 'Sample: partner', kind: 'partner',
      legalBasis: 'legitimate_interest', defaultRegion: 'US', consentTexts: [],
    },
    mapping: { 'subject.name': 'Contact', 'attributes.company': 'Company', phone: 'Phone', acquiredAt: 'Referred' },
    csv: csvOf(['Contact', 'Company', 'Phone', 'Referred'], people.map((person, n) =>
      [`${person.first} ${person.last}`, pick(COMPANIES, n), person.phone, person.acquiredAt.toISOString()])),
  };
}

function people(count: number, draw: Draw, today: Date, phone: (n: number) => string): Person[] {
  const midnight = Math.floor(today.getTime() / DAY_MS) * DAY_MS;
  return Array.from({ length: count }, (_, n) => ({
    first: pick(FIRST, draw(FIRST.length)),
    last: pick(LAST, draw(LAST.length)),
    phone: phone(n),
    acquiredAt: new Date(midnight - draw(180 * DAY_MS)),
  }));
}

function later(person: Person, today: Date): Person {
  return { ...person, acquiredAt: new Date((person.acquiredAt.getTime() + Math.floor(today.getTime() / DAY_MS) * DAY_MS) / 2) };
}

function mail({ first, last }: Person, n: number): string {
  return `${first}.${last}.${n}@example.com`.toLowerCase();
}

function csvOf(header: string[], rows: string[][]): string {
  return [header, ...rows].map((cells) => cells.join(',')).join('\n');
}

function pick<T>(list: readonly T[], n: number): T {
  return list[n % list.length] as T;
}

function two(n: number): string {
  return String(n % 100).padStart(2, '0');
}

function three(n: number): string {
  return String(n % 1000).padStart(3, '0');
}

/** A small generator of pseudo-random numbers (mulberry32), so that every machine shows the same sample. */
function drawFrom(seed: number): Draw {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}
