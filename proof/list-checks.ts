import { checkNumber, type NumberPath } from './merkle-tree.ts';
import { thumbprint } from './public-key.ts';
import { isReleaseSignedWith, type ReleaseStatement } from './release-statement.ts';
import type { Check } from './verify.ts';

/** What the lists of a proof are held against: keys that are known to be the company's, and the number. */
interface Against {
  trusted: readonly string[] | undefined;
  e164: string | undefined;
}

interface Entry {
  statement: ReleaseStatement;
  signature: { kid: string; x: string; value: string } | null;
  path: NumberPath | null;
}

/** Finds out about every release that a proof speaks of: whether it is as it was stated, and whether it has the number. */
export function listChecks(lists: unknown, against: Against): Check[] {
  return Array.isArray(lists) ? lists.filter(speaksOfRelease).flatMap((each) => checksOf(each, against)) : [];
}

/** Lists without more than their names are under the signature of the file, and say nothing that could be checked. */
function speaksOfRelease(value: unknown): value is object {
  return isObject(value) && ('release' in value || 'path' in value);
}

function checksOf(value: object, against: Against): Check[] {
  const entry = readEntry(value);
  if (!entry) return [{ name: 'release', ok: false, detail: 'A release of a list is not stated as it should be.' }];
  return [releaseCheck(entry, against), numberCheck(entry, against)];
}

function releaseCheck({ statement, signature }: Entry, { trusted }: Against): Check {
  const what = `Release ${statement.number} of ${shown(statement.list)}`;
  if (!signature) return { name: 'release', ok: null, detail: `${what} was never signed by itself; only this file speaks for it.` };
  const { kid, x, value } = signature;
  if (thumbprint(x) !== kid || !isReleaseSignedWith(x, statement, value)) {
    return { name: 'release', ok: false, detail: `${what} is not what was signed: the statement or its root was changed.` };
  }
  if (trusted?.includes(x) === false) return { name: 'release', ok: false, detail: `${what} was signed with a key that is not among the public keys given.` };
  return { name: 'release', ok: true, detail: `${what} is as it was signed: ${statement.numbers} numbers as of ${statement.asOf.toISOString()}.` };
}

function numberCheck({ statement, path }: Entry, { e164 }: Against): Check {
  const { number, root } = statement;
  const list = shown(statement.list);
  if (!path) return { name: 'listing', ok: null, detail: `${list}: whether the number was on it is not in this file; the company has the path.` };
  if (e164 === undefined) return { name: 'listing', ok: null, detail: `${list}: give the number to see whether it was on it.` };
  try {
    const { listed } = checkNumber(root, Number(e164.slice(1)), path);
    return { name: 'listing', ok: true, detail: `${list}: the number was ${listed ? 'ON' : 'NOT ON'} the list in release ${number}.` };
  } catch (error) {
    const why = error instanceof Error ? error.message : '';
    return { name: 'listing', ok: false, detail: `${list}: nothing shows whether this number was on it. ${why}` };
  }
}

function readEntry(value: object): Entry | null {
  const { list, releaseId, asOf, release, path } = value as Record<string, unknown>;
  if (!isObject(release)) return null;
  const { number, kind, sha256, numbers, leaves, root, inForceFrom, signature } = release as Record<string, unknown>;
  const [from, of] = [momentOf(inForceFrom), momentOf(asOf)];
  if (!areTexts([list, releaseId, sha256, root]) || !areCounts([number, numbers, leaves]) || !from || !of) return null;
  if ((kind !== 'full' && kind !== 'change') || (path !== undefined && !isObject(path))) return null;
  const key = signature === null ? null : keyOf(signature);
  if (key === undefined) return null;
  const stated = { list, releaseId, number, kind, asOf: of, sha256, numbers, leaves, root, inForceFrom: from };
  return { statement: stated as ReleaseStatement, signature: key, path: path === undefined ? null : path as NumberPath };
}

function keyOf(value: unknown): Entry['signature'] | undefined {
  if (!isObject(value)) return undefined;
  const { alg, kid, x, value: signature } = value as Record<string, unknown>;
  if (alg !== 'Ed25519' || typeof kid !== 'string' || typeof x !== 'string' || typeof signature !== 'string') return undefined;
  return { kid, x, value: signature };
}

/** A moment as it is written in proofs, and in no other way. */
function momentOf(value: unknown): Date | null {
  const moment = new Date(typeof value === 'string' ? value : NaN);
  return !Number.isNaN(moment.getTime()) && moment.toISOString() === value ? moment : null;
}

/** A name out of a file may hold anything. */
function shown(name: string): string {
  return name.replace(/\p{C}/gu, '').slice(0, 100);
}

function areTexts(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string' && value.isWellFormed());
}

function areCounts(values: readonly unknown[]): boolean {
  return values.every((value) => Number.isSafeInteger(value) && (value as number) >= 0);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
