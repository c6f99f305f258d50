import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '../../proof/canonical-json.ts';
import { proofText, proveClearance } from '../../proof/clearance-proof.ts';
import { sha256Of } from '../../proof/digest.ts';
import type { ListEvidence } from '../../proof/list-evidence.ts';
import { proveListing } from '../../proof/listing-proof.ts';
import { MOST_BYTES } from '../../proof/sections.ts';
import { verifyProof, type Verdict } from '../../proof/verify.ts';
import { ISSUED, keysFrom, longCase, OPENING, PHONE, record } from './proof-samples.ts';
import { provedList } from './list-samples.ts';

const keys = keysFrom(1);
const trusted = keys.published.map(({ x }) => x);
const NUMBER = Number(PHONE.slice(1));
const opening = OPENING.toString('hex');

const provedOn = (numbers: Iterable<number>, { lists = 1, from = record() } = {}) => {
  const proved = Array.from({ length: lists }, (_, index) => {
    return provedList(numbers, keys, { list: `list-${index}`, releaseId: `release-${index}` });
  });
  const paths = new Map(proved.map(({ evidence, pathOf }) => [evidence.releaseId, pathOf(NUMBER)]));
  return proveClearance({ ...from, lists: proved.map(({ evidence }) => evidence) }, ISSUED, keys, paths);
};
const check = (proof: object, e164 = PHONE): Verdict => {
  return verifyProof(JSON.parse(proofText(proof)), { trusted, claim: { opening, e164 } });
};
const namesOf = ({ checks }: Verdict, ok: boolean | null) => {
  return checks.filter((each) => each.ok === ok).map(({ name }) => name);
};

type Change = (entry: { [Key in keyof ListEvidence]: ReturnType<typeof JSON.parse> }) => void;

/** A company that changes what it stated and signs the file anew. */
function signedAnew(proof: object, change: Change): object {
  const { signature: _, ...content } = JSON.parse(proofText(proof)) as { signature: unknown; lists: ListEvidence[] };
  change(content.lists[0]!);
  return { ...content, signature: keys.sign(canonicalJson(content)) };
}

describe('the lists of a proof', () => {
  test('show offline that the number was not on a list, or that it was, in plain words', () => {
    const free = check(provedOn([NUMBER + 1, NUMBER - 1, 442079460958]));
    expect([free.valid, namesOf(free, null)]).toEqual([true, []]);
    expect(free.explanation).toContain('list-0: the number was NOT ON the list in release 7');
    const listed = check(provedOn([NUMBER, NUMBER + 20_000]));
    expect(listed.valid).toBe(true);
    expect(listed.explanation).toContain('list-0: the number was ON the list in release 7');
  });

  test('show it for every number of any list', () => {
    const within = (min: number, max: number) => fc.integer({ min, max });
    const near = within(12_025_550_000, 12_025_559_999);
    const number = fc.oneof(near, within(12_000_000_000, 12_999_999_999), within(442_000_000_000, 442_000_030_000));
    fc.assert(fc.property(fc.array(number, { maxLength: 60 }), number, (numbers, asked) => {
      const { evidence, pathOf } = provedList(numbers, keys);
      for (const each of [asked, ...numbers.slice(0, 3)]) {
        const proof = proveClearance(record({ lists: [evidence] }), ISSUED, keys, new Map([[evidence.releaseId, pathOf(each)]]));
        const { valid, checks } = verifyProof(JSON.parse(proofText(proof)), { trusted, claim: { e164: `+${each}` } });
        expect([valid, checks.at(-1)?.detail]).toEqual([true, expect.stringContaining(numbers.includes(each) ? ' ON the list' : ' NOT ON the list')]);
      }
    }), { numRuns: 60 });
  });

  test('without the number are checked as far as that goes', () => {
    const { valid, checks } = verifyProof(JSON.parse(proofText(provedOn([NUMBER + 1]))), { trusted });
    expect([valid, checks.find(({ name }) => name === 'release')?.ok, checks.find(({ name }) => name === 'listing')?.ok]).toEqual([true, true, null]);
  });

  test('say nothing of a number that is in another block, nor of another in the same', () => {
    const proof = provedOn([NUMBER + 1]);
    expect(check(proof, '+12125550143').checks.at(-1)?.ok).toBe(false);
    expect(verifyProof(JSON.parse(proofText(proof)), { trusted, claim: { e164: `+${NUMBER + 1}` } }).checks.at(-1)?.detail).toContain(' ON the list');
  });

  const proof = provedOn([NUMBER, NUMBER + 1, NUMBER + 2, NUMBER + 30_000, NUMBER - 30_000]);
  const flipped = (block: string) => {
    const bytes = Buffer.from(block, 'base64url');
    bytes[1]! ^= 1;
    return bytes.toString('base64url');
  };
  test.each([
    ['a bit', (entry) => (entry.path.block = flipped(entry.path.block)), 'listing'],
    ['a hash of the path', (entry) => (entry.path.path[0] = Buffer.alloc(32, 9).toString('base64url')), 'listing'],
    ['the place in the tree', (entry) => (entry.path.index = 0), 'listing'],
    ['the path, for that of another list', (entry) => (entry.path = provedList([NUMBER + 5], keys).pathOf(NUMBER)), 'listing'],
    ['the root', (entry) => (entry.release.root = provedList([NUMBER + 5], keys).evidence.release?.root), 'release'],
    ['root and path', (entry) => {
      const other = provedList([NUMBER + 5], keys);
      entry.path = other.pathOf(NUMBER);
      entry.release.root = other.evidence.release?.root;
    }, 'release'],
    ['the moment of the list', (entry) => (entry.asOf = '2026-11-21T00:00:00.000Z'), 'release'],
    ['the release', (entry) => (entry.releaseId = 'release-1'), 'release'],
    ['the list', (entry) => (entry.list = 'gb-tps'), 'release'],
    ['the number of the release', (entry) => (entry.release.number = 8), 'release'],
    ['the digest of the file', (entry) => (entry.release.sha256 = 'cd'.repeat(32)), 'release'],
    ['the signature of the release', (entry) => (entry.release.signature.value = keys.sign('another').value), 'release'],
    ['the signature, by a stranger', (entry) => (entry.release = provedList([NUMBER], keysFrom(3)).evidence.release), 'release'],
    ['a count, for what is none', (entry) => (entry.release.leaves = -1), 'release'],
    ['the path, for what is none', (entry) => (entry.path = 'somewhere'), 'release'],
    ['the path, for an empty one', (entry) => (entry.path = {}), 'listing'],
  ] satisfies [string, Change, string][])('with %s changed are found out, even when the file is signed anew', (_what, change, name) => {
    expect(check(proof).valid).toBe(true);
    const verdict = check(signedAnew(proof, change));
    expect([verdict.valid, namesOf(verdict, false)]).toEqual([false, expect.arrayContaining([name])]);
    expect(check({ ...signedAnew(proof, change), signature: proof.signature }).valid).toBe(false);
  });

  test('of a release that was never signed are under the signature of the file', () => {
    const verdict = check(signedAnew(proof, (entry) => (entry.release.signature = null)));
    expect([verdict.valid, verdict.checks.find(({ name }) => name === 'release')?.ok]).toEqual([true, null]);
  });

  test('have their paths as long as there is room, and the digests of the others', () => {
    const numbers = Array.from({ length: 5_000 }, (_, index) => 12_025_550_000 + index * 2);
    const full = provedOn(numbers, { lists: 6 });
    expect(Buffer.byteLength(proofText(full))).toBeLessThanOrEqual(MOST_BYTES);
    const inside = full.lists.map(({ path, pathDigest }) => [path !== undefined, pathDigest !== undefined]);
    expect(inside[0]).toEqual([true, false]);
    expect(inside.at(-1)).toEqual([false, true]);
    expect(full.lists.at(-1)?.pathDigest).toBe(sha256Of(canonicalJson(provedList(numbers, keys).pathOf(NUMBER))));
    const verdict = check(full);
    expect([verdict.valid, namesOf(verdict, null)]).toEqual([true, expect.arrayContaining(['listing'])]);
    const long = provedOn(numbers, { lists: 3, from: longCase() });
    expect(Buffer.byteLength(proofText(long))).toBeLessThanOrEqual(MOST_BYTES);
    expect(check(long).valid).toBe(true);
  });
});

describe('the proof of a listing', () => {
  const { evidence, pathOf } = provedList([NUMBER + 1, NUMBER + 40_000], keys);
  const { clearanceId, at, personDigest } = record();
  const listing = proveListing({ clearanceId, at, personDigest, evidence: { ...evidence, path: pathOf(NUMBER) } }, ISSUED, keys);

  test('stands by itself, and says of whom only by a digest', () => {
    const verdict = check(listing);
    expect([verdict.valid, namesOf(verdict, null)]).toEqual([true, []]);
    expect(verdict.explanation).toContain('us-federal: the number was NOT ON the list in release 7');
    expect(verdict.explanation).toContain(clearanceId);
    expect(proofText(listing)).not.toContain(PHONE.slice(2));
    expect(Buffer.byteLength(proofText(listing))).toBeLessThan(MOST_BYTES);
  });

  test('that was changed is not valid', () => {
    expect(check({ ...listing, at: '2026-01-01T00:00:00.000Z' }).valid).toBe(false);
    expect(check(signedAnew(listing, (entry) => (entry.path = pathOf(NUMBER + 50_000)))).valid).toBe(false);
  });
});
