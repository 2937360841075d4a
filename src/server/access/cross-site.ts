import type { FastifyReply, FastifyRequest } from 'fastify';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { allowCors, type Cors } from './cors.ts';
import { splitHost } from './host.ts';

/**
 * Rejects requests a browser sends for a page of another site, unless that site is allowed. Clients that send neither Origin nor
 * Sec-Fetch-Site are not affected. Referer is not checked, because a page can suppress it.
 * @throws WattduckError (cross_site_request); the connection is then closed, so that the rest of the body is never read
 */
export async function checkSite(
  request: FastifyRequest,
  reply: FastifyReply,
  { isLocal, cors }: { isLocal: boolean; cors: Cors },
): Promise<void> {
  if (await allowCors(request, reply, cors)) return;
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  if (origin !== undefined && !isOwnOrigin(origin, host, isLocal)) throw crossSiteError(reply, 'Origin', origin);
  // Browsers send no Sec-Fetch-Site, or none, if the user typed the address or chose a bookmark.
  if (site === undefined || site === 'same-origin' || site === 'none' || isNavigation(request)) return;
  throw crossSiteError(reply, 'Sec-Fetch-Site', String(site));
}

function crossSiteError(reply: FastifyReply, header: string, value: string): WattduckError {
  reply.header('connection', 'close');
  return new WattduckError('cross_site_request', { header, value });
}

/** True if a user follows a link to one of the HTML pages, outside of a frame. */
function isNavigation({ method, headers, routeOptions }: FastifyRequest): boolean {
  return (
    routeOptions.config.isPage === true &&
    method === 'GET' &&
    headers['sec-fetch-mode'] === 'navigate' &&
    headers['sec-fetch-dest'] === 'document'
  );
}

const defaultPorts = { http: 80, https: 443 };

/**
 * True if an origin has the host and port of the request. A public server may run behind a TLS proxy, so its scheme may also be
 * https.
 */
export function isOwnOrigin(origin: string, host: string | undefined, isLocal: boolean): boolean {
  const [, scheme, authority] = /^(https?):\/\/([^/?#@\s]+)$/.exec(origin) ?? [];
  if (host === undefined || authority === undefined || (scheme === 'https' && isLocal)) return false;
  const withPort = (text: string): string => {
    const { name, port = defaultPorts[scheme as 'http' | 'https'] } = splitHost(text.toLowerCase());
    return `${name}:${port}`;
  };
  return withPort(authority) === withPort(host);
}
