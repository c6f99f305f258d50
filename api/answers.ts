import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Answer } from './route.ts';

/** Sends an answer. What may hold personal data is never stored on the way; what carries an ETag is asked for again cheaply. */
export async function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  response.statusCode = answer.status;
  response.setHeader('cache-control', 'no-store');
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (isKnownAlready(request, response)) return void response.writeHead(304).end();
  if (answer.content) {
    response.setHeader('content-type', answer.content.type);
    if (answer.content.data instanceof Readable) return sendStream(answer.content.data, response);
    return void response.end(answer.content.data);
  }
  const json = answer.json ?? JSON.stringify(answer.body);
  if (json === undefined) return void response.end();
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(json);
}

/** A reader who has seen enough and hangs up is no failure of ours. */
async function sendStream(data: Readable, response: ServerResponse): Promise<void> {
  await pipeline(data, response).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}

/** Headers of an answer that is the same for everybody who may see it, until its content changes. */
export function tagged(content: string | Buffer): Record<string, string> {
  const tag = createHash('sha256').update(content).digest('base64url').slice(0, 27);
  return { etag: `"${tag}"`, 'cache-control': 'private, no-cache' };
}

function isKnownAlready(request: IncomingMessage, response: ServerResponse): boolean {
  const etag = response.getHeader('etag');
  const known = request.headers['if-none-match'];
  if (typeof etag !== 'string' || known === undefined || response.statusCode !== 200) return false;
  return known.trim() === '*' || known.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
