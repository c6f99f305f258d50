import type { IncomingMessage } from 'node:http';
import { DomainError } from '../domain/problem.ts';
import { LIMITS } from './limits.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The JSON of a body and its bytes. Refuses what is no JSON in UTF-8, too large, cut off, or too slow in coming. */
export async function readJson(request: IncomingMessage): Promise<{ bytes: Buffer; value: unknown }> {
  requireJson(request);
  const bytes = await readBytes(request);
  return { bytes, value: parse(bytes) };
}

function requireJson(request: IncomingMessage): void {
  const { type, charset } = contentType(request.headers['content-type']);
  if (type !== 'application/json') throw new DomainError('unsupported_media_type', 'Send the body as application/json.');
  if (charset !== undefined && charset !== 'utf-8') throw new DomainError('unsupported_media_type', 'JSON is UTF-8 here, and nothing else.');
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') throw new DomainError('unsupported_encoding', 'Send the JSON uncompressed.');
}

/** Media type and charset of a content type, in small letters. */
export function contentType(header: string | undefined): { type: string; charset: string | undefined } {
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  return { type, charset: charset?.replaceAll('"', '') };
}

/** The bytes of a body that is not large. Refuses what is too large, cut off, or too slow in coming. */
export async function readBytes(request: IncomingMessage, most: number = LIMITS.jsonBodyBytes): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge(most);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => refuse(new DomainError('request_timeout', 'Send the whole body at once.')), LIMITS.jsonBodyMs);
    const refuse = (error: DomainError): void => {
      clearTimeout(timer);
      request.off('data', take);
      reject(error);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > most) refuse(tooLarge(most));
      else chunks.push(chunk);
    };
    request.on('data', take);
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('close', () => {
      clearTimeout(timer);
      if (!request.complete) reject(new DomainError('body_incomplete', 'The connection ended before the body did.'));
    });
  });
}

function tooLarge(most: number): DomainError {
  return new DomainError('body_too_large', `A body has at most ${most} bytes here.`);
}

/**
 * Reads on without keeping anything. A connection that is closed while the other side still sends loses the answer on its
 * way, so the rest of a refused body is taken in, up to a limit.
 */
export function discard(request: IncomingMessage): void {
  let rest: number = LIMITS.discardedBytes;
  const end = (): void => void request.destroy();
  const timer = setTimeout(end, LIMITS.discardingMs).unref();
  request.on('data', (chunk: Buffer) => {
    rest -= chunk.length;
    if (rest < 0) end();
  });
  request.once('close', () => clearTimeout(timer));
  request.resume();
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(UTF8.decode(bytes)) as unknown;
  } catch {
    throw new DomainError('malformed_json', 'The body is not JSON in UTF-8.');
  }
}
