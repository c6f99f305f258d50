import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { e164Of } from './opening.ts';
import { readProofFile } from './proof-file.ts';
import { trustedKeysIn } from './trusted-keys.ts';
import { verifyProof, type Against, type Check } from './verify.ts';

const USAGE = `npm run verify -- FILE [--key KEYS] [--number +12025550143 [--opening OPENING]]

  FILE       the proof
  --key      the company's public keys: the file of /.well-known/leadwarden-keys.json, a JWK, or the key in base64url
  --number   a phone number: shows whether it was on the lists whose paths the proof has
  --opening  what the company hands to the holder of that number: shows that the proof is about them

Ends with 0 when the proof is valid, 1 when it is not, 2 when it or a key cannot be read.`;

/** What is wrong with the way in which this was called. */
class Unreadable extends Error {}

process.exitCode = main(process.argv.slice(2));

function main(args: string[]): number {
  try {
    if (args.includes('--help')) return help();
    const { proof, against } = read(args);
    const { valid, checks, explanation } = verifyProof(proof, against);
    process.stdout.write(`${[...checks.map(lineOf), '', explanation].join('\n')}\n`);
    return valid ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    return 2;
  }
}

function help(): number {
  process.stdout.write(`${USAGE}\n`);
  return 0;
}

function read(args: string[]): { proof: unknown; against: Against } {
  const options = { key: { type: 'string' }, opening: { type: 'string' }, number: { type: 'string' }, phone: { type: 'string' } } as const;
  const { values, positionals: [file, ...more] } = parseArgs({ args, options, allowPositionals: true });
  if (file === undefined || more.length > 0) throw new Unreadable('Name one file.');
  if (!existsSync(file)) throw new Unreadable('There is no such file.');
  const proof = readProofFile(textOf(file));
  if (proof === null) throw new Unreadable('The file is not JSON, or has a name twice in one object.');
  return { proof, against: { trusted: trustedKeys(values.key), claim: claimOf(values.opening, values.number ?? values.phone) } };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Unreadable(`${file} cannot be read: it is no file, or may not be opened.`, { cause: error });
  }
}

function trustedKeys(given: string | undefined): string[] | undefined {
  if (given === undefined) return undefined;
  const keys = trustedKeysIn(existsSync(given) ? textOf(given) : given);
  if (keys) return keys;
  throw new Unreadable('--key names neither a key nor a file with one.');
}

/** `--phone` is what `--number` was called before. */
function claimOf(opening: string | undefined, number: string | undefined): Against['claim'] {
  if (opening === undefined && number === undefined) return undefined;
  const e164 = number === undefined ? null : e164Of(number);
  if (e164 !== null) return { opening: opening?.trim(), e164 };
  throw new Unreadable('--opening goes with --number, and the number is written with its country code.');
}

function lineOf({ name, ok, detail }: Check): string {
  const word = ok === null ? '?   ' : ok ? 'ok  ' : 'FAIL';
  return `${word}  ${name.padEnd(9)}  ${detail}`;
}
