import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { startOnPorts } from '../../local/listen-ports.ts';

const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => once(server.close(), 'close'))));

async function listen(port = 0): Promise<number> {
  const server = createServer().listen({ port, host: '127.0.0.1', exclusive: true });
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const wish = (asked: number | undefined, usual = 0) => ({ api: { variable: 'PORT', asked, usual } });

/** Somebody takes the port between the choice and the start, so many times. */
const raced = (times: number, tried: number[]) => async ({ api }: { api: number }) => {
  tried.push(api);
  if (tried.length <= times) await listen(api);
  return listen(api);
};

describe('a port that somebody takes between the choice and the start', () => {
  it('is replaced by another', async () => {
    const tried: number[] = [];
    const port = await startOnPorts(wish(undefined), raced(2, tried));
    expect(tried).toHaveLength(3);
    expect([new Set(tried).size, tried[2]]).toEqual([3, port]);
  });

  it('is not looked for for ever', async () => {
    const tried: number[] = [];
    await expect(startOnPorts(wish(0), raced(99, tried))).rejects.toThrow('EADDRINUSE');
    expect(tried).toHaveLength(5);
  });

  it('is not replaced where it was asked for by number', async () => {
    const tried: number[] = [];
    await expect(startOnPorts(wish(await listen()), raced(0, tried))).rejects.toThrow('EADDRINUSE');
    expect(tried).toHaveLength(1);
  });

  it('is not what another failure is about', async () => {
    let tries = 0;
    await expect(startOnPorts(wish(undefined), () => Promise.reject(new Error(`no database ${tries += 1}`)))).rejects.toThrow('no database 1');
  });
});
