import type { IncomingMessage } from 'node:http';
import type { ApiContext } from './context.ts';

/** Our own address as the outside knows it: as configured, or as the caller reached us. */
export function publicUrlOf({ publicUrl }: Pick<ApiContext, 'publicUrl'>, request: IncomingMessage): string {
  if (publicUrl !== null) return publicUrl;
  const { localAddress = '127.0.0.1', localPort = 0 } = request.socket;
  const own = `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
  const host = request.headers.host ?? own;
  return `http://${/^[\w.:[\]-]+$/.test(host) ? host : own}`;
}
