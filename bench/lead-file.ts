import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { normalisePhone } from '../intake/phone/normalise-phone.ts';
import { Random } from './random.ts';

const FIRST_NAMES = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Niklaus', 'Radia', 'Donald', 'Frances', 'José', 'Jürgen', '小明', 'Zoë', 'Mary Ann'];
const LAST_NAMES = ['Lovelace', 'Hopper', 'Turing', 'Dijkstra', 'Liskov', 'Wirth', 'Perlman', 'Knuth', 'Allen', 'Müller', 'O’Neill', '王', 'Smith, Jr.'];
const CAMPAIGNS = ['spring', 'summer fair', 'newsletter', 'retargeting-2026'];
const BROKEN = ['', 'unknown', '12', '+1 202 555', '2.02556E+09', '0000000000'];
const NEWEST = Date.UTC(2026, 9, 1);
const YEAR_MS = 365 * 86_400_000;

export const LEAD_FILE_MAPPING = { phone: 'Phone', 'subject.name': 'Name', 'subject.email': 'E-mail', acquiredAt: 'Signed up', campaign: 'Campaign' };

/**
 * Writes a list of leads as a company would send it: US, GB and CN numbers in several spellings, names with quotes and accents.
 * 2 % of the numbers are broken, 3 % of the rows repeat an earlier one.
 */
export async function writeLeadFile(path: string, rows: number, seed: number): Promise<void> {
  const file = createWriteStream(path);
  file.write('Phone,Name,E-mail,Signed up,Campaign\r\n');
  let portion: string[] = [];
  for (const row of leadRows(rows, seed)) {
    portion.push(row);
    if (portion.length < 2_000) continue;
    if (!file.write(portion.join(''))) await once(file, 'drain');
    portion = [];
  }
  file.end(portion.join(''));
  await once(file, 'finish');
}

function* leadRows(count: number, seed: number): Generator<string> {
  const random = new Random(seed);
  const spell = spellers(random);
  const recent: string[] = [];
  for (let i = 0; i < count; i++) {
    if (recent.length > 0 && random.below(100) < 3) {
      yield random.pick(recent);
      continue;
    }
    const phone = random.below(100) < 2 ? random.pick(BROKEN) : spell(i);
    const name = `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`;
    const email = `lead.${i}@example${random.below(50)}.com`;
    const signedUp = new Date(NEWEST - random.below(YEAR_MS)).toISOString();
    const row = `${phone},${name.includes(',') ? `"${name}"` : name},${email},${signedUp},${random.pick(CAMPAIGNS)}\r\n`;
    if (recent.length < 1_000) recent.push(row);
    else recent[i % 1_000] = row;
    yield row;
  }
}

/** Spells the number of row `i`; no two rows have the same one. */
function spellers(random: Random): (i: number) => string {
  const areas = Array.from({ length: 800 }, (_, at) => String(200 + at)).filter((area) => normalisePhone(`+1${area}2345678`).ok);
  const american = (i: number) => {
    const area = areas[i % areas.length] ?? '202';
    const [exchange, line] = [200 + (Math.floor(i / areas.length / 10_000) % 700), String(Math.floor(i / areas.length) % 10_000).padStart(4, '0')];
    const [plain, dashed] = [`${area}${exchange}${line}`, `${area}-${exchange}-${line}`];
    return random.pick([plain, dashed, `+1${plain}`, `(${area}) ${exchange}-${line}`, `+1 ${area} ${exchange} ${line}`]);
  };
  const chinese = (i: number) => random.pick(['+86138', '+86 139', '+86-138-']) + String(i).padStart(8, '0');
  const british = (i: number) => random.pick(['+447', '+44 7', '+44(0)7']) + String(400_000_000 + (i % 99_000_000)).padStart(9, '0');
  return (i) => random.weighted([[7, american], [2, chinese], [1, british]])(i);
}
