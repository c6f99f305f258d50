import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Line } from '../../activities/webhooks/line.ts';

const MESSAGE = { headers: { 'content-type': 'application/cloudevents+json' }, body: '{}' };
/**
 * Where an answer comes, however busy the machine; where none does, it is waited for in vain no longer than it takes
 * to see that.
 */
const PATIENT = { connectMs: 20_000, answerMs: 20_000 };
const HURRIED = { connectMs: 300, answerMs: 300 };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server that answers each connection as it likes, byte by byte. */
async function serve(answer: (write: (text: string) => void, end: () => void) => void): Promise<URL> {
  const sockets = new Set<{ destroy(): void }>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('data', () => answer((text) => void socket.write(text), () => void socket.end()));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

async function send(url: URL, limits = PATIENT) {
  const line = new Line(url, 1, { allowsPrivate: true, isRehearsal: false }, new AbortController().signal);
  const attempt = await line.send(MESSAGE, limits);
  line.close();
  return attempt;
}

describe('a request', () => {
  it('that is never answered is broken off in time', async () => {
    expect(await send(await serve(() => undefined), HURRIED)).toMatchObject({ isDelivered: false, failure: 'timed_out', status: null });
  });

  it('that is answered drop by drop is broken off as well', async () => {
    const url = await serve((write) => {
      write('HTTP/1.1 200 OK\r\n');
      const dripping = setInterval(() => write('X-Drop: 1\r\n'), 20);
      closing.push(() => Promise.resolve(clearInterval(dripping)));
    });
    expect(await send(url, HURRIED)).toMatchObject({ isDelivered: false, failure: 'timed_out' });
  });

  it('is over with the head of the answer, however long the rest takes', async () => {
    const url = await serve((write) => write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx'));
    expect(await send(url)).toMatchObject({ isDelivered: true, status: 200 });
  });

  it('to a server that speaks no TLS has failed', async () => {
    const url = await serve((write, end) => {
      write('HTTP/1.1 400 Bad Request\r\n\r\n');
      end();
    });
    url.protocol = 'https:';
    expect(await send(url)).toMatchObject({ isDelivered: false, status: null });
  });

  it.each([
    ['seconds', 'Retry-After: 120', 120_000],
    ['a date, by the clock of the server', 'Date: Tue, 24 Nov 2026 12:00:00 GMT\r\nRetry-After: Tue, 24 Nov 2026 12:01:00 GMT', 60_000],
    ['nonsense', 'Retry-After: soon', null],
    ['the past', 'Retry-After: -5', 0],
  ])('is told in %s when to come back', async (_title, headers, retryAfterMs) => {
    const url = await serve((write) => write(`HTTP/1.1 503 Busy\r\n${headers}\r\nContent-Length: 0\r\n\r\n`));
    expect(await send(url)).toMatchObject({ failure: 'busy', status: 503, retryAfterMs });
  });
});
