import { createServer, STATUS_CODES, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { LIMITS } from './limits.ts';
import { createProblem, PROBLEM_TYPE, statusOf } from './problems.ts';

/** A server that listens. */
export interface Listening {
  url: string;
  /** Takes no new requests, lets those in hand finish for a while, then ends what is left. */
  stop(): Promise<void>;
}

/** Starts to listen, on a free port for port 0. Fails when the port is taken. */
export async function listen(listener: RequestListener, host: string, port: number): Promise<Listening> {
  // Uploads may take as long as they keep moving, so there is no limit for a whole request; the head has one.
  const timeouts = { headersTimeout: LIMITS.headersMs, requestTimeout: 0, keepAliveTimeout: LIMITS.keepAliveMs };
  const server = createServer({ ...timeouts, connectionsCheckingInterval: 5_000 }, listener);
  const connections = followConnections(server);
  server.on('clientError', (_error, socket) => refuseUnreadable(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`, stop: () => stop(server, connections) };
}

/** Connections, each with how many requests it has in hand: Node does not count one that never had any as idle. */
type Connections = Map<Socket, number>;

function followConnections(server: Server): Connections {
  const connections: Connections = new Map();
  const count = (socket: Socket, change: 1 | -1) => {
    const inHand = connections.get(socket);
    if (inHand !== undefined) connections.set(socket, inHand + change);
  };
  server.on('connection', (socket: Socket) => {
    connections.set(socket, 0);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    count(socket, 1);
    response.once('close', () => count(socket, -1));
  });
  return connections;
}

async function stop(server: Server, connections: Connections): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const closeIdle = () => {
    for (const [socket, inHand] of connections) if (inHand === 0) socket.destroySoon();
  };
  const sweep = setInterval(closeIdle, 50);
  const end = setTimeout(() => server.closeAllConnections(), LIMITS.stopMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(end);
}

/** What is no HTTP, or has too large a head, never becomes a request; it is refused like one all the same. */
function refuseUnreadable(socket: Duplex): void {
  if (!socket.writable) return;
  const problem = createProblem('invalid_request', 'This is no HTTP/1.1 request, or its head is too large.', 'none');
  const status = statusOf('malformed_json');
  const body = JSON.stringify({ ...problem, status });
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Connection: close', `Content-Type: ${PROBLEM_TYPE}`, `Content-Length: ${Buffer.byteLength(body)}`];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
