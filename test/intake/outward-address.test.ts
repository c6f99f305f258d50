import { describe, expect, it } from '@jest/globals';
import { isAllowed, isAllowedUrl } from '../../intake/outward-address.ts';

const SECRETS_OF_CLOUDS = [
  '169.254.169.254', '::ffff:169.254.169.254', '::a9fe:a9fe', '64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::1', '168.63.129.16', '100.100.100.200',
  '192.0.0.192', 'fd00:ec2::254', 'fd20:ce::254',
];
const NO_SERVERS = ['fe80::1', 'ff02::1', '224.0.0.1', '255.255.255.255', 'localhost', ''];
const PRIVATE = [
  '0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '172.31.0.1', '192.168.1.1', '192.88.99.1', '198.19.0.1', '::', '::1', '::127.0.0.1', '::ffff:127.0.0.1',
  '::ffff:10.0.0.1', '::ffff:0:10.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::1', '100::1', '2001:db8::1', '2002:7f00:1::1', '3fff::1', 'fc00::1', 'fdff::1', 'fec0::1',
];
const PUBLIC = ['8.8.8.8', '168.63.129.17', '::ffff:8.8.8.8', '2606:4700::1111', '2a00:1450:4001::1'];

describe('an address', () => {
  it.each([...SECRETS_OF_CLOUDS, ...NO_SERVERS])('%s is never asked', (address) => {
    expect([isAllowed(address, false), isAllowed(address, true)]).toEqual([false, false]);
  });

  it.each(PRIVATE)('%s is asked only where private ones may be', (address) => {
    expect([isAllowed(address, false), isAllowed(address, true)]).toEqual([false, true]);
  });

  it.each(PUBLIC)('%s may be asked', (address) => {
    expect([isAllowed(address, false), isAllowed(address, true)]).toEqual([true, true]);
  });
});

describe('a URL', () => {
  it.each([
    'https://127.1/', 'https://2130706433/', 'https://0x7f.1/', 'https://017700000001/', 'https://[::ffff:7f00:1]/', 'https://[::1]/', 'https://①②⑦.0.0.1/',
  ])('%s is private, however it is written', (url) => {
    expect([isAllowedUrl(new URL(url), false), isAllowedUrl(new URL(url), true)]).toEqual([false, true]);
  });

  it.each(['http://example.com/', 'ftp://example.com/', 'https://user@example.com/', 'https://:word@example.com/', 'http://10.0.0.1/', 'https://169.254.169.254/'])(
    '%s is of a kind that is never asked', (url) => {
      expect([isAllowedUrl(new URL(url), false), isAllowedUrl(new URL(url), true)]).toEqual([false, false]);
    },
  );
});
