import { BlockList, isIP, isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { headerValues } from './header-values.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * True if a host is this machine, without asking DNS: localhost or a loopback address, IPv6 with or without brackets. Short forms
 * such as 127.1, and "localhost." with a final dot, are rejected: no client needs them.
 */
export function isLoopback(host: string): boolean {
  const [, enclosed] = /^\[(.*)\]$/.exec(host) ?? [];
  if (enclosed !== undefined && !isIPv6(enclosed)) return false;
  const address = enclosed ?? host;
  // An IPv4 address written as IPv6 (::ffff:127.0.0.1) is checked as the IPv4 address it is.
  if (isIP(address) !== 0) return loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  return /^localhost$/i.test(host);
}

/** Name and port of a Host header, or of an origin without its scheme; an IPv6 address keeps its brackets. */
export function splitHost(host: string): { name: string; port: string | undefined } {
  const [, name = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(host) ?? [];
  return { name, port };
}

const isPort = (port: string): boolean => /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535;

/**
 * Rejects a request without exactly one valid Host header. A local server also rejects the name of any other machine, because a web
 * page can make its own name resolve to this machine (DNS rebinding).
 * @throws WattduckError
 */
export function checkHost(request: FastifyRequest, isLocal: boolean): void {
  const { host } = request.headers;
  if (headerValues(request, 'host').length > 1) throw new WattduckError('repeated_host_header');
  if (host === undefined) {
    if (isLocal || request.raw.httpVersion !== '1.0') throw new WattduckError('missing_host_header');
    return;
  }
  const { name, port } = splitHost(host);
  if (isLocal && !isLoopback(name)) throw new WattduckError('wrong_host', { host: name });
  if (port !== undefined && !isPort(port)) throw new WattduckError('invalid_host_port', { port });
}
