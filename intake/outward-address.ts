import { BlockList, isIP } from 'node:net';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** What belongs to nobody outside: private, shared, loopback, documentation, multicast, and ways round through IPv6. */
const PRIVATE = blockList([
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.0.2.0', 24],
  ['192.88.99.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24],
  ['::', 96], ['::ffff:0:0:0', 96], ['64:ff9b::', 96], ['64:ff9b:1::', 48], ['100::', 64], ['2001::', 23], ['2001:db8::', 32], ['2002::', 16],
  ['3fff::', 20], ['5f00::', 16], ['fc00::', 7], ['fec0::', 10],
]);

/**
 * Where clouds keep the secrets of their machines, and where no server is: never asked, whatever is configured. Most clouds
 * answer under 169.254; beside that Azure (168.63.129.16), Alibaba (100.100.100.200) and Oracle (192.0.0.192), and by IPv6 AWS
 * (fd00:ec2::) and Google (fd20:ce::); the rest are ways to those through translation.
 */
const NEVER = blockList([
  ['169.254.0.0', 16], ['168.63.129.16', 32], ['100.100.100.200', 32], ['192.0.0.192', 32], ['224.0.0.0', 3],
  ['fd00:ec2::', 32], ['fd20:ce::', 32], ['fe80::', 10], ['ff00::', 8], ['::a9fe:0', 112], ['64:ff9b::a9fe:0', 112], ['2002:a9fe::', 32],
]);

/** Whether a server may be asked at an address. IPv4 written as IPv6 is judged as what it is. */
export function isAllowed(address: string, allowsPrivate: boolean): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || NEVER.check(address, family)) return false;
  return allowsPrivate || !PRIVATE.check(address, family);
}

/** Whether an address is this machine, whatever a name server says. */
export function isThisMachine({ hostname }: URL): boolean {
  return LOOPBACK.has(hostname);
}

/**
 * Whether an address is of the right kind: https anywhere it may be asked, http on this machine alone and only where that is
 * allowed, and no password in it. Where a name leads is known only when the connection is made.
 */
export function isAllowedUrl({ protocol, hostname, username, password }: URL, allowsPrivate: boolean): boolean {
  const isSafe = protocol === 'https:' || (protocol === 'http:' && allowsPrivate && LOOPBACK.has(hostname));
  const literal = hostname.replace(/^\[|\]$/g, '');
  const isReachable = isIP(literal) === 0 || isAllowed(literal, allowsPrivate);
  return isSafe && isReachable && username === '' && password === '';
}

function blockList(subnets: readonly (readonly [net: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, net.includes(':') ? 'ipv6' : 'ipv4');
  return list;
}
