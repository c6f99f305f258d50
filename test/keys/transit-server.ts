import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A server on this machine that speaks the documented protocol of the Transit engine, and encrypts with AES-256-GCM. */
export interface TransitServer {
  url: string;
  port: number;
  token: string;
  /** Answers as a sealed server does. */
  isSealed: boolean;
  /** Every operation it was asked for, by name. */
  asked: string[];
  close(): Promise<void>;
}

interface Body {
  plaintext?: string;
  ciphertext?: string;
  associated_data?: string;
}

const PATH = /^\/v1\/transit\/(encrypt|decrypt)\/([^/]+)$/;
const VERSION = 'vault:v1:';

interface Wishes {
  keys: Record<string, Buffer>;
  /** Where it listens; left out, anywhere. */
  port?: number;
}

export async function startTransit({ keys, port = 0 }: Wishes): Promise<TransitServer> {
  const state = { token: 'hvs.a-token-of-the-test', isSealed: false, asked: [] as string[] };
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const [, operation, name = ''] = PATH.exec(request.url ?? '') ?? [];
      if (state.isSealed) return answer(response, 503, { errors: ['Vault is sealed'] });
      if (request.headers['x-vault-token'] !== state.token) return answer(response, 403, { errors: ['permission denied'] });
      if (operation === undefined || request.method !== 'POST') return answer(response, 404, { errors: ['no handler for route'] });
      state.asked.push(operation);
      const key = keys[name];
      if (!key) return answer(response, 400, { errors: ['encryption key not found'] });
      return operation === 'encrypt' ? encrypt(response, key, body as Body) : decrypt(response, key, body as Body);
    });
  });
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  const { port: bound } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `http://127.0.0.1:${bound}`, port: bound,
    close: () => new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  });
}

function encrypt(response: ServerResponse, key: Buffer, { plaintext = '', associated_data: associated = '' }: Body): void {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(associated, 'base64'));
  const sealed = Buffer.concat([iv, cipher.update(Buffer.from(plaintext, 'base64')), cipher.final(), cipher.getAuthTag()]);
  answer(response, 200, { request_id: 'one', data: { ciphertext: VERSION + sealed.toString('base64'), key_version: 1 } });
}

function decrypt(response: ServerResponse, key: Buffer, { ciphertext = '', associated_data: associated = '' }: Body): void {
  try {
    if (!ciphertext.startsWith(VERSION)) throw new Error('not of this engine');
    const sealed = Buffer.from(ciphertext.slice(VERSION.length), 'base64');
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12)).setAAD(Buffer.from(associated, 'base64'));
    decipher.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
    answer(response, 200, { request_id: 'two', data: { plaintext: plain.toString('base64') } });
  } catch {
    answer(response, 400, { errors: ['cipher: message authentication failed'] });
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
