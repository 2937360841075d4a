import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { listenUrls } from '../../../src/server/http/listen-urls.ts';

const address = (text: string, internal = false): NetworkInterfaceInfo =>
  ({ address: text, family: text.includes(':') ? 'IPv6' : 'IPv4', internal }) as NetworkInterfaceInfo;

const interfaces = {
  eth0: [address('192.168.1.20'), address('2001:db8::20'), address('fe80::1')],
  lo: [address('127.0.0.1', true), address('::1', true)],
  docker0: [address('172.17.0.1')],
};

test('a host that stands for all addresses is listed as each of them', () => {
  expect(listenUrls('0.0.0.0', 8787, interfaces)).toEqual([
    'http://127.0.0.1:8787',
    'http://192.168.1.20:8787',
    'http://172.17.0.1:8787',
  ]);
  expect(listenUrls('::', 80, interfaces)).toEqual([
    'http://127.0.0.1:80',
    'http://[::1]:80',
    'http://192.168.1.20:80',
    'http://[2001:db8::20]:80',
    'http://172.17.0.1:80',
  ]);
});

test('any other host is one address', () => {
  expect(listenUrls('192.168.1.20', 1, interfaces)).toEqual(['http://192.168.1.20:1']);
  expect(listenUrls('charge.example', 1, interfaces)).toEqual(['http://charge.example:1']);
  expect(listenUrls('2001:db8::20', 1, interfaces)).toEqual(['http://[2001:db8::20]:1']);
});
