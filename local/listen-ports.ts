import { freePort, isPortFree } from './ports.ts';
import { StartFailure } from './start-failure.ts';

/** A port that was asked for by a variable, or the usual one, which gives way when it is taken. */
export interface PortWish {
  variable: string;
  asked: number | undefined;
  usual: number;
}

/** Fails for a port that was asked for by number and is taken: whoever asked relies on that number. */
export async function refuseTakenPort({ variable, asked }: PortWish, host: string): Promise<void> {
  if (asked === undefined || asked === 0 || (await isPortFree(asked, host))) return;
  throw new StartFailure(
    `Port ${asked} of ${host} cannot be used.`,
    'another program listens there, or this user may not',
    `stop that program, set ${variable} to another port, or leave ${variable} out to have a free one chosen`,
  );
}

/** The port to listen on: the one asked for, else the usual one where it is free, else a free one. */
async function choosePort({ asked, usual }: PortWish): Promise<number> {
  return asked || freePort(asked === undefined ? usual : 0);
}

const MOST_TRIES = 5;

/**
 * Starts what listens on some ports, each chosen as wished; on others where somebody else took one between the choice and the
 * start, as another house that is started in the same moment does. A port that was asked for by number is never replaced.
 */
export async function startOnPorts<Name extends string, T>(
  wishes: Record<Name, PortWish>, start: (ports: Record<Name, number>) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const ports = await choosePorts(wishes);
    try {
      return await start(ports);
    } catch (error) {
      if (tries === MOST_TRIES || !(await wasOneTaken(wishes, ports))) throw error;
    }
  }
}

async function choosePorts<Name extends string>(wishes: Record<Name, PortWish>): Promise<Record<Name, number>> {
  const chosen: [string, number][] = [];
  for (const [name, wish] of Object.entries<PortWish>(wishes)) chosen.push([name, await choosePort(wish)]);
  return Object.fromEntries(chosen) as Record<Name, number>;
}

async function wasOneTaken<Name extends string>(wishes: Record<Name, PortWish>, ports: Record<Name, number>): Promise<boolean> {
  const replaceable = (Object.keys(wishes) as Name[]).filter((name) => !wishes[name].asked);
  const free = await Promise.all(replaceable.map((name) => isPortFree(ports[name])));
  return free.includes(false);
}
