import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { type Home, openHome } from '../../local/home.ts';
import { endProcess, isAlive } from '../../local/processes.ts';
import { findTemporal } from '../../local/temporal-binary.ts';
import { startTemporal, type TemporalOptions, type TemporalServer } from '../../local/temporal-server.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/messages.ts';
import { runFolder } from '../setup/suite.ts';

const started: TemporalServer[] = [];
let home: Home;
let program: string;

beforeAll(async () => {
  home = await openHome(await mkdtemp(join(runFolder(), 'home-')));
  program = await findTemporal({ fallbackFolder: home.programs, say: () => undefined });
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => endProcess(server.pid, [['SIGKILL', 5_000]])));
});

async function start(options: Partial<TemporalOptions> = {}): Promise<TemporalServer> {
  const { database, log, pid: pidFile } = home.temporal;
  const server = await startTemporal({ program, database, log, pidFile, namespace: 'default', ...options });
  started.push(server);
  return server;
}

async function withClient<T>(server: TemporalServer, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  return work(new Client({ connection })).finally(() => connection.close());
}

describe('the local Temporal server', () => {
  it('has its Web UI and knows our search attributes as soon as it is said to be ready', async () => {
    const server = await start();
    const list = ({ connection }: Client) => connection.operatorService.listSearchAttributes({ namespace: 'default' });
    const { customAttributes } = await withClient(server, list);
    expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining(Object.keys(SEARCH_ATTRIBUTES)));
    expect((await fetch(server.ui)).ok).toBe(true);
  });

  it('ends in order when it is stopped', async () => {
    const server = await start();
    await server.stop();
    expect(server.ending).toEqual({ code: 0, signal: null });
  });

  it('has the namespace that it is asked for', async () => {
    const server = await start({ namespace: 'elsewhere' });
    const look = ({ workflowService }: Client) => workflowService.describeNamespace({ namespace: 'elsewhere' });
    const description = await withClient(server, look);
    expect(description.namespaceInfo?.name).toBe('elsewhere');
  });

  it('goes on with its workflows after it was killed, at the same addresses when asked', async () => {
    const first = await start();
    await withClient(first, (client) => client.workflow.start('waits', { taskQueue: 'nobody', workflowId: 'one' }));
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const second = await start({ ports: first.ports });
    expect(second.address).toBe(first.address);
    const { status } = await withClient(second, (client) => client.workflow.getHandle('one').describe());
    expect(status.name).toBe('RUNNING');
  });

  it('takes the place of the server that a killed run left behind', async () => {
    const orphan = await start();
    await start();
    expect(await isAlive(orphan.pid)).toBe(false);
  });

  it('gives way when a port that it would like is taken', async () => {
    const other = createServer();
    const taken = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    const server = await start({ preferredPorts: { ui: taken } });
    expect(server.ports.ui).not.toBe(taken);
    other.close();
  });

  it('says what is wrong when a port that it must have is taken', async () => {
    const { ports } = await start();
    const elsewhere = { pidFile: join(home.folder, 'other.pid'), database: join(home.folder, 'other.db') };
    const telling = /did not start[^]*why: [^]*address already in use[^]*what to do: /;
    await expect(start({ ports, ...elsewhere })).rejects.toThrow(telling);
  });

  it('says what is wrong when its database cannot be opened', async () => {
    const database = join(home.folder, 'nowhere', 'temporal.db');
    await expect(start({ database })).rejects.toThrow(/did not start[^]*nowhere/);
    expect(await readFile(home.temporal.log, 'utf8')).toContain('nowhere');
  });
});
