import { linkTargets, type LinkTarget, type PageDefinition, type RawParameters } from '../catalog/definitions.ts';

/** Maximum length of an ID in an address. */
const maxIdLength = 1000;

/** A query string with its question mark; empty without values. */
export function queryString(params: RawParameters): string {
  const pairs = Object.entries(params).filter((pair): pair is [string, string] => pair[1] !== undefined);
  // Slashes and colons are valid in a query, and easier to read.
  const encode = (text: string): string =>
    encodeURIComponent(text.replaceAll(/\p{Cs}/gu, '\uFFFD')).replaceAll(/%(2F|3A|2C)/g, decodeURIComponent);
  return pairs.length === 0 ? '' : `?${pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`;
}

/** Whether an ID can be part of a path: browsers resolve dots, and a lone surrogate has no encoding. */
const isLinkable = (id: string): boolean =>
  id !== '' && id !== '.' && id !== '..' && id.length <= maxIdLength && !/\p{Cs}/u.test(id);

/** The address of a page, percent-encoded. @param id of the thing that it is about */
export const addressOf = ({ address }: PageDefinition, id: string | undefined): string =>
  id === undefined ? address : address.replace(/\{\w+\}$/, () => encodeURIComponent(id));

/** The address of the page about one thing; undefined without such a page, or if its ID cannot be in an address. */
export function addressOfTarget(
  pages: readonly PageDefinition[],
  target: LinkTarget,
  id: string,
  params: RawParameters,
): string | undefined {
  const page = pages.find(({ subject }) => subject === linkTargets[target]);
  return page === undefined || !isLinkable(id) ? undefined : `${addressOf(page, id)}${queryString(params)}`;
}
