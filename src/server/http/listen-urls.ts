import { networkInterfaces } from 'node:os';

/** True for a host that stands for all addresses of this machine. */
export const isWildcard = (host: string): boolean => ['0.0.0.0', '::', '[::]'].includes(host);

/**
 * URLs at which a server on this host can be reached: every address of the machine if the host stands for all of them.
 * @param interfaces network interfaces of the machine
 */
export function listenUrls(host: string, port: number, interfaces = networkInterfaces()): string[] {
  if (!isWildcard(host)) return [urlOf(host, port)];
  const addresses = Object.values(interfaces)
    .flat()
    .filter((each) => each !== undefined)
    .filter(({ family }) => host !== '0.0.0.0' || family === 'IPv4')
    // A link-local address needs the name of the interface of the client.
    .filter(({ address }) => !/^fe[89ab]/i.test(address))
    // Loopback first.
    .toSorted((a, b) => Number(b.internal) - Number(a.internal))
    .map(({ address }) => address);
  return [...new Set(addresses)].map((address) => urlOf(address, port));
}

const urlOf = (host: string, port: number): string =>
  `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
