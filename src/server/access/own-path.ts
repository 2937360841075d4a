/** Base of addresses on this server; its name cannot occur. */
const base = 'http://wattduck.invalid';

/** Path and query of an address on this server; undefined for an address elsewhere, to which a redirect must not lead. */
export function ownPath(address: string | undefined): string | undefined {
  if (address === undefined || !address.startsWith('/') || !URL.canParse(address, base)) return undefined;
  const { origin, pathname, search } = new URL(address, base);
  // A path such as /.//other.example becomes //other.example, which is another host.
  return origin === base && !pathname.startsWith('//') ? `${pathname}${search}` : undefined;
}
