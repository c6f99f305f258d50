import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What a receiver was sent. */
export interface Received {
  id: string;
  /** The path that it came to. */
  path: string;
  headers: Record<string, string>;
  body: string;
  type: string;
  leadId: string | null;
}

/** What it answers: a status, with headers, or `hangs`. */
export type Reply = number | { status: number; headers?: Record<string, string>; body?: string } | 'hangs';

export interface Receiver {
  url: string;
  received: Received[];
  /** From now on. */
  answer(reply: (message: Received) => Reply | Promise<Reply>): void;
  close(): Promise<void>;
}

/** A server that receives webhooks, and answers 204 unless it is told otherwise. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let reply: (message: Received) => Reply | Promise<Reply> = () => 204;
  const server = createServer((request, response) => {
    void receive(request).then(async (message) => {
      received.push(message);
      send(response, await reply(message));
    }, () => response.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    received,
    answer: (given) => void (reply = given),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function receive(request: IncomingMessage): Promise<Received> {
  const body = await text(request);
  const { id, type, data } = JSON.parse(body) as { id: string; type: string; data: { leadId: string | null } };
  return { id, type, leadId: data.leadId, body, path: request.url ?? '', headers: request.headers as Record<string, string> };
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply === 'hangs') return;
  const { status, headers = {}, body = '' } = typeof reply === 'number' ? { status: reply } : reply;
  response.writeHead(status, headers).end(body);
}
