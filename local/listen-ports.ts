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
export async function choosePort({ asked, usual }: PortWish): Promise<number> {
  return asked || freePort(asked === undefined ? usual : 0);
}
