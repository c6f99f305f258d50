import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runFolder } from '../setup/suite.ts';
import { proofText, proveClearance } from '../../proof/clearance-proof.ts';
import { ISSUED, keysFrom, OPENING, PHONE, record } from './proof-samples.ts';

const PROGRAM = join(import.meta.dirname, '../../proof/verify-main.ts');
const folder = mkdtempSync(join(runFolder(), 'proofs-'));
const keys = keysFrom(1);
const text = proofText(proveClearance(record(), ISSUED, keys));
const x = keys.published[0]?.x ?? '';

const good = file('good.json', text);
const bad = file('bad.json', text.replace('"deny"', '"hold"'));
const escaped = file('escaped.json', text.replaceAll('e', '\\u0065').replaceAll('\n', '\r\n'));
const twice = file('twice.json', text.replace('"decision":', '"decisio\\u006e": "allow", "decision":'));
const keySet = file('keys.json', JSON.stringify({ keys: keysFrom(2, 1).published }));
const stranger = file('stranger.json', JSON.stringify(keysFrom(2).published[0]));
const opening = OPENING.toString('hex');

describe('npm run verify', () => {
  test.each([
    ['a proof, without a key', [good], 0, 'NOT CHECKED'],
    ['a proof and the key', [good, '--key', x], 0, 'ok    signer'],
    ['a proof and the published keys', [good, '--key', keySet], 0, 'ok    signer'],
    ['a proof and the key of a stranger', [good, '--key', stranger], 1, 'FAIL  signer'],
    ['a proof, its opening and its number', [good, '--opening', opening, '--number', PHONE], 0, 'ok    person'],
    ['a proof, its opening and another number', [good, '--opening', opening, '--phone', '+12025550199'], 1, 'FAIL  person'],
    ['a proof that was changed', [bad, '--key', x], 1, 'NOT VALID'],
    ['a file that is not JSON', [file('text.json', 'no proof')], 2, 'not JSON'],
    ['a proof that another program has laid out anew', [escaped, '--key', x], 0, 'ok    signature'],
    ['a proof with one member twice, once by an escape', [twice, '--key', x], 2, 'a name twice'],
    ['a folder', [folder], 2, 'cannot be read'],
    ['a folder for a key', [good, '--key', folder], 2, 'cannot be read'],
    ['nothing, but help', ['--help'], 0, 'npm run verify'],
    ['no file', [], 2, 'npm run verify'],
    ['a file that is not there', [join(folder, 'nowhere.json')], 2, 'no such file'],
    ['a key that is none', [good, '--key', 'abc'], 2, '--key'],
    ['a proof and a number without its opening', [good, '--number', PHONE], 0, '?     person'],
    ['an opening without its number', [good, '--opening', opening], 2, 'goes with --number'],
    ['a number without its country code', [good, '--number', '2025550143'], 2, 'country code'],
    ['an option that is not known', [good, '--force'], 2, '--force'],
  ])('of %s', (_what, args, code, says) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8', env: {} });
    expect([status, stdout + stderr]).toEqual([code, expect.stringContaining(says)]);
  });
});

describe('the script of docs/proofs.md', () => {
  const script = file('check.mjs', /```js\n(.*?)```/s.exec(readFileSync(join(import.meta.dirname, '../../docs/proofs.md'), 'utf8'))?.[1] ?? '');
  const run = (proof: string) => spawnSync(process.execPath, [script, proof, x], { encoding: 'utf8', cwd: folder, env: {} });

  test('checks a proof as it stands there, and leaves the files that any other program needs', () => {
    expect(run(bad).stdout).toBe('false\n');
    expect(run(good).stdout).toBe('true\n');
    const left = (name: string) => readFileSync(join(folder, name));
    expect(verify(null, left('content.json'), createPublicKey(left('key.pem')), left('signature.bin'))).toBe(true);
  });
});

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
