import { BlockList, isIP, isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { clipped } from '../../text/plain-text.ts';
import { headerValues } from './header-values.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Whether a host is this machine, whatever a name server says: localhost or a loopback address, IPv6 with or without brackets.
 * Short forms such as 127.1 and "localhost." with a final dot are rejected: no client needs them.
 */
export function isLoopback(host: string): boolean {
  const [, enclosed] = /^\[(.*)\]$/.exec(host) ?? [];
  if (enclosed !== undefined && !isIPv6(enclosed)) return false;
  const address = enclosed ?? host;
  // An IPv4 address written as IPv6 (::ffff:127.0.0.1) is checked as the IPv4 address it is.
  if (isIP(address) !== 0) return loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  return /^localhost$/i.test(host);
}

/** Name and port of a Host header or of the host of an origin; an IPv6 address keeps its brackets. */
export function splitHost(host: string): { name: string; port: string | undefined } {
  const [, name = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(host) ?? [];
  return { name, port };
}

const isPort = (port: string): boolean => /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535;

/**
 * Rejects a request without exactly one sound Host header, and one that names another machine while the server is local: a web page
 * can have a name of its own resolve to this machine.
 * @throws WattduckError
 */
export function checkHost(request: FastifyRequest, isLocal: boolean): void {
  const { host } = request.headers;
  if (headerValues(request, 'host').length > 1)
    throw new WattduckError('usage', 'the request has more than one Host header');
  if (host === undefined) {
    if (isLocal || request.raw.httpVersion !== '1.0')
      throw new WattduckError('usage', 'the request has no Host header');
    return;
  }
  const { name, port } = splitHost(host);
  if (isLocal && !isLoopback(name))
    throw new WattduckError(
      'forbidden',
      clipped`the request is meant for ${name}, not for this machine`,
      'Use 127.0.0.1 or localhost.',
    );
  if (port !== undefined && !isPort(port))
    throw new WattduckError(
      'usage',
      clipped`the Host header has the port "${port}"`,
      'A port is a number from 1 to 65535.',
    );
}
