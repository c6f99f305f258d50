import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One answer of a registry's server: by the rules, or written to the socket as it comes. */
export type Reply = (request: IncomingMessage, response: ServerResponse, socket: Socket) => void;

export interface RegistryServer {
  url: URL;
  /** The requests so far. */
  asked: IncomingMessage[];
  /** What is answered from now on, one after another; the last one again and again. */
  answer(...replies: Reply[]): void;
  close(): Promise<void>;
}

/** A server of a registry on this machine, as well or ill behaved as a test needs it. */
export async function startRegistry(): Promise<RegistryServer> {
  const asked: IncomingMessage[] = [];
  let replies: Reply[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    const reply = replies.length > 1 ? replies.shift() : replies[0];
    reply?.(request, response, request.socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/list.txt`),
    asked,
    answer: (...next) => {
      asked.length = 0;
      replies = next;
    },
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

export const status = (code: number, headers: Record<string, string> = {}): Reply => (_request, response) => {
  response.writeHead(code, headers).end(code === 304 ? undefined : 'no');
};

/** The whole file, as a good server sends it; from where it is asked for. */
export const file = (body: string | Buffer, headers: Record<string, string> = {}): Reply => (request, response) => {
  const bytes = Buffer.from(body);
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  if (from === undefined) return void response.writeHead(200, { 'content-length': bytes.length, ...headers }).end(bytes);
  const rest = bytes.subarray(Number(from));
  const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
  response.writeHead(206, { 'content-length': rest.length, 'content-range': range, ...headers }).end(rest);
};

/** Says it has so many bytes, sends these, and then does as told. */
export const lying = (
  length: number, sent: string, then: 'hangs up' | 'goes on' | 'stalls', headers: Record<string, string> = {},
): Reply => (_request, _response, socket) => {
  const head = Object.entries({ 'content-length': String(length), ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 200 OK\r\n${head.join('')}\r\n${sent}`);
  if (then === 'hangs up') setTimeout(() => socket.destroy(), 20);
  if (then === 'goes on') setTimeout(() => socket.write('more'), 20);
};
