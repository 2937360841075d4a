const voidElements = new Set(['meta', 'link', 'input', 'br', 'hr', 'img', 'option', 'path', 'rect', 'circle', 'line']);

/** Problems of a page: tags that are not closed in order, IDs that occur twice, and attributes with handlers. */
export function htmlProblems(html: string): string[] {
  const problems: string[] = [];
  const open: string[] = [];
  for (const [, slash, name, attributes = '', selfClosing] of html.matchAll(
    /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z:_-]+(?:="[^"]*")?)*)\s*(\/?)>/g,
  )) {
    if (/\son[a-z]+=/i.test(attributes.replaceAll(/"[^"]*"/g, '""')))
      problems.push(`handler in <${name}${attributes}>`);
    if (selfClosing === '/') continue;
    if (slash === '') {
      if (!voidElements.has(name!) || name === 'option') open.push(name!);
      if (name === 'option' && !/value="[^"]*"( selected)?$/.test(attributes)) problems.push(`option ${attributes}`);
    } else if (name === 'option' || open.at(-1) === name || open.includes(name!)) {
      // The options of a datalist are not closed.
      while (open.at(-1) === 'option' && name !== 'option') open.pop();
      if (open.at(-1) !== name) problems.push(`</${name}> closes <${open.at(-1)}>`);
      open.pop();
    } else if (!voidElements.has(name!)) problems.push(`</${name}> without a start`);
  }
  const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id!);
  for (const id of new Set(ids)) if (ids.filter((each) => each === id).length > 1) problems.push(`id ${id} repeats`);
  return problems.concat(open.map((name) => `<${name}> is not closed`));
}

/** The text of an attribute. */
export const decode = (text: string): string =>
  text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));

/** All links of a page, decoded. */
export const linksIn = (html: string): string[] =>
  [...html.matchAll(/<a\s[^>]*?href="([^"]*)"/g)].map(([, url]) => decode(url!));

/** The HTML of a tile with a title. */
export function tileOf(html: string, title: string): string {
  const tile = html.split('<figure ').find((part) => part.includes(`>${title}</h2>`));
  if (tile === undefined) throw new Error(`no tile ${title}`);
  return tile.split('</figure>')[0]!;
}

/** The text between the tags. */
export const textOf = (html: string): string =>
  decode(html.replaceAll(/<[^>]*>/g, ' '))
    .replaceAll(/\s+/g, ' ')
    .trim();
