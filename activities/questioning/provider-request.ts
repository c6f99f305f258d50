import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { guardedLookup, requireAllowedUrl } from '../fetching/allowed-address.ts';
import { FetchFailure } from '../fetching/list-fetcher.ts';
import { ProviderFailure } from './provider-failure.ts';

export interface ProviderLimits {
  allowsPrivate: boolean;
  /** How long a provider has for the whole of its answer. */
  timeoutMs: number;
}

export interface ProviderAnswer {
  status: number;
  text: string;
}

interface Question {
  headers: Record<string, string>;
  body: string;
}

const MOST_BYTES = 1_000_000;
const LONGEST_RETRY_AFTER_S = 3_600;

/**
 * Posts a question to a provider and answers what came back, whatever its status says; redirects are not followed. Private
 * addresses are refused as the connection is made. Throws a ProviderFailure where nothing whole came back in time.
 */
export async function askByPost(
  url: URL, question: Question, limits: ProviderLimits, signal: AbortSignal,
): Promise<ProviderAnswer> {
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  try {
    requireAllowedUrl(url, limits.allowsPrivate);
    const response = await send(url, question, limits, AbortSignal.any([signal, timeout]));
    return { status: requireAnswer(response), text: await readAll(response) };
  } catch (error) {
    throw failureFrom(error, timeout.aborted, signal);
  }
}

function send(
  url: URL, { headers, body }: Question, { allowsPrivate }: ProviderLimits, signal: AbortSignal,
): Promise<IncomingMessage> {
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', agent: false as const, headers: { ...headers, ...length }, signal, lookup: guardedLookup(allowsPrivate) };
    start(url, options, resolve).on('error', reject).end(body);
  });
}

/** A status that says something about the certificate; all others say something about the provider or about us. */
function requireAnswer(response: IncomingMessage): number {
  const { statusCode: status = 0, headers } = response;
  if (status === 200 || status === 201 || status === 404) return status;
  response.destroy();
  if (status === 401 || status === 402 || status === 403) throw new ProviderFailure('credentials_refused');
  if (status < 500 && status !== 408 && status !== 429) throw new ProviderFailure('refused');
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  throw new ProviderFailure('busy', seconds >= 0 ? Math.min(seconds, LONGEST_RETRY_AFTER_S) * 1_000 : null);
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new ProviderFailure('unreadable_answer');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function failureFrom(error: unknown, isLate: boolean, signal: AbortSignal): Error {
  if (error instanceof ProviderFailure) return error;
  if (error instanceof FetchFailure && error.code === 'address_refused') return new ProviderFailure('address_refused');
  if (signal.aborted && signal.reason instanceof Error) return signal.reason;
  return new ProviderFailure(isLate ? 'stalled' : 'unreachable');
}

/** An answer as JSON. Throws a ProviderFailure for anything else, which is then no answer. */
export function jsonObjectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below.
  }
  throw new ProviderFailure('unreadable_answer');
}

/** A member that is an object; an empty one where it is none. */
export function objectAt(value: Record<string, unknown>, name: string): Record<string, unknown> {
  const member = value[name];
  return typeof member === 'object' && member !== null ? { ...member } : {};
}
