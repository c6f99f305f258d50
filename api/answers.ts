import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { endAnswer, exchangeOf } from './exchange.ts';
import type { Answer } from './route.ts';

/** Sends an answer. What may hold personal data is never stored on the way; what carries an ETag is asked for again cheaply. */
export async function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  // Who waited in vain has been refused in the meantime.
  if (response.writableEnded) return;
  const { headers } = exchangeOf(response);
  headers['cache-control'] = 'no-store';
  Object.assign(headers, answer.headers);
  if (isKnownAlready(request, answer)) return endAnswer(response, 304);
  if (answer.content) {
    headers['content-type'] = answer.content.type;
    if (!(answer.content.data instanceof Readable)) return endAnswer(response, answer.status, answer.content.data);
    response.writeHead(answer.status, headers);
    return sendStream(answer.content.data, response);
  }
  const json = answer.json ?? JSON.stringify(answer.body);
  if (json !== undefined) headers['content-type'] ??= 'application/json; charset=utf-8';
  endAnswer(response, answer.status, json);
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

function isKnownAlready(request: IncomingMessage, { status, headers }: Answer): boolean {
  const etag = headers?.etag;
  const known = request.headers['if-none-match'];
  if (etag === undefined || known === undefined || status !== 200) return false;
  return known.trim() === '*' || known.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
