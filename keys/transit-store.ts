import { readFile } from 'node:fs/promises';
import { bindingOf, KeyStoreAway, notOpened, refused, type KeyStore } from './key-store.ts';

export interface TransitSettings {
  /** Address of the server, without `/v1`. */
  url: string;
  /** Where the engine is mounted. */
  mount: string;
  /** The key there; of an authenticated type, such as aes256-gcm96. */
  key: string;
  /** Read anew for every request, because agents renew it. */
  tokenFile: string;
}

const STORE = 'The Transit engine';
const ANSWERS_WITHIN_MS = 5_000;
/** What is said of the server as a whole: standby, sealed, overloaded, behind. */
const AWAY = new Set([307, 412, 429, 472, 473]);

/**
 * The Transit engine of HashiCorp Vault or OpenBao (https://developer.hashicorp.com/vault/api-docs/secret/transit): encrypts and
 * decrypts with a key that stays there, with the name as associated data.
 */
export function transitStore({ url, mount, key, tokenFile }: TransitSettings): KeyStore {
  const ask = async (operation: 'encrypt' | 'decrypt', body: Record<string, string>) => {
    const address = `${url}/v1/${mount}/${operation}/${encodeURIComponent(key)}`;
    const headers = { 'x-vault-token': await tokenIn(tokenFile), 'x-vault-request': 'true', 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS);
    const reply = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body), redirect: 'manual', signal }).catch(() => {
      throw new KeyStoreAway(`${STORE} does not answer`);
    });
    if (reply.ok) return dataOf(reply);
    await reply.body?.cancel();
    if (reply.status >= 500 || AWAY.has(reply.status)) throw new KeyStoreAway(`${STORE} does not answer (status ${reply.status})`);
    return reply.status;
  };
  return {
    kind: 'transit',
    key,
    async wrap(name, plain) {
      const answer = await ask('encrypt', { plaintext: plain.toString('base64'), associated_data: associated(name) });
      if (typeof answer === 'number') throw problemOf(answer);
      return fieldOf(answer, 'ciphertext');
    },
    async unwrap(name, wrapped) {
      const answer = await ask('decrypt', { ciphertext: wrapped, associated_data: associated(name) });
      if (answer === 400) throw notOpened(STORE, name);
      if (typeof answer === 'number') throw problemOf(answer);
      return Buffer.from(fieldOf(answer, 'plaintext'), 'base64');
    },
  };
}

function associated(name: string): string {
  return Buffer.from(JSON.stringify(bindingOf(name))).toString('base64');
}

async function tokenIn(file: string): Promise<string> {
  const token = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (token === '') throw refused(STORE, 'no token', 'see that TRANSIT_TOKEN_FILE names a file with one');
  return token;
}

async function dataOf(reply: Response): Promise<Record<string, unknown>> {
  const { data } = (await reply.json().catch(() => ({}))) as { data?: Record<string, unknown> };
  return data ?? {};
}

function fieldOf(data: Record<string, unknown>, name: string): string {
  const value = data[name];
  if (typeof value === 'string') return value;
  throw new KeyStoreAway(`${STORE} gives an answer that is none`);
}

function problemOf(status: number) {
  if (status === 403) return refused(STORE, 'status 403', 'see that the token in TRANSIT_TOKEN_FILE is valid and may encrypt and decrypt with the key');
  return refused(STORE, `status ${status}`, 'see that TRANSIT_URL, TRANSIT_MOUNT and TRANSIT_KEY name a key that there is, of an authenticated type');
}
