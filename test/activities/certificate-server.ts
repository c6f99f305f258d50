import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a provider was asked. */
export interface Question {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** How a provider answers; one that does nothing lets its caller wait. */
export type Answer = (response: ServerResponse, question: Question) => void;

export interface CertificateServer {
  url: string;
  /** The questions so far. */
  asked: Question[];
  /** What is answered from now on, one after another; the last one again and again. */
  answer(...answers: Answer[]): void;
  close(): Promise<void>;
}

/** A provider of certificates on this machine, speaking what its documentation says, or misbehaving as a test needs it. */
export async function startCertificateServer(): Promise<CertificateServer> {
  const asked: Question[] = [];
  let answers: Answer[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString())).on('end', () => {
      const question = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      asked.push(question);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      answer?.(response, question);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer(...next) {
      asked.length = 0;
      answers = next;
    },
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

export const json = (body: unknown, status = 200): Answer => (response) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

export const raw = (status: number, body: string, headers: Record<string, string> = {}): Answer => (response) => {
  response.writeHead(status, headers).end(body);
};

export const nothing: Answer = () => undefined;

const RETAINED = { results: { expires_at: '2031-07-18T12:03:52.000Z', masked_cert_url: 'https://cert.trustedform.com/masked', previously_retained: false } };

/** An answer of TrustedForm 4.0. */
export const trustedForm = (outcome: string, matches: boolean, reason: string | null = null) => ({
  outcome, reason, match_lead: { result: { success: matches, phone_match: matches } }, retain: RETAINED,
});

export const CERTIFICATE_URL = 'https://cert.trustedform.com/eb9fc4dd9bed9ad451a5648946cf4bf09b5bb947';
export const LEADID = 'B330E9E4-64E9-417E-955B-8C06832311E3';
