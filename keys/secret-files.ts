import { readFileSync } from 'node:fs';

const REASONS: Record<string, string> = {
  ENOENT: 'there is none by that name',
  ENOTDIR: 'there is none by that name',
  EISDIR: 'that is a folder',
  EACCES: 'this process may not read it',
  EPERM: 'this process may not read it',
};

/** What PEM (RFC 7468) calls the kinds of content that are asked for. */
type Pem = 'CERTIFICATE' | 'PRIVATE KEY';

/**
 * What the file of a secret holds, without the blanks around it; or what is wrong, in words that follow the name of the variable
 * that names the file, and neither name the file nor quote it. With `pem`, only a file that holds such a block will do.
 */
export function readSecret(file: string, pem?: Pem): { content: string } | { problem: string } {
  try {
    const content = readFileSync(file, 'utf8').trim();
    if (content === '') return problemOf('it is empty');
    if (pem === undefined || holds(content, pem)) return { content };
    return { problem: `must name a file with a ${pem.toLowerCase()} in PEM: it holds something else` };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return problemOf(REASONS[code] ?? `it cannot be read (${code})`);
  }
}

/** A deployment keeps the password in a file of its own, out of the environment that every child and every dump shows. */
export function withPassword(address: string | undefined, password: string | undefined): string | undefined {
  if (address === undefined || password === undefined) return address;
  const url = new URL(address);
  url.password = encodeURIComponent(password);
  return url.href;
}

function holds(content: string, pem: Pem): boolean {
  return new RegExp(`^-----BEGIN ([A-Z]+ )*${pem}-----`, 'm').test(content);
}

function problemOf(reason: string): { problem: string } {
  return { problem: `must name a file that can be read and holds something: ${reason}` };
}
