const voidTags = new Set(['area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'source', 'wbr']);
const tagPattern =
  /<!--[\s\S]*?-->|<!doctype[^>]*>|<(\/?)([a-z][\w-]*)((?:\s+[\w:-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?)*)\s*(\/?)>/giy;

/** What is wrong with the markup of a page: tags that do not match, stray `<`, ids that occur twice, references to none. */
export function markupProblems(html: string): string[] {
  const problems: string[] = [];
  const open: string[] = [];
  const ids = new Map<string, number>();
  const references: string[] = [];
  for (let at = html.indexOf('<'); at >= 0; at = html.indexOf('<', at)) {
    tagPattern.lastIndex = at;
    const match = tagPattern.exec(html);
    if (!match) {
      problems.push(`stray < at ${html.slice(at, at + 40)}`);
      at += 1;
      continue;
    }
    const [whole, slash, rawName, attributes = '', selfClosed] = match;
    at += whole.length;
    if (rawName === undefined) continue;
    const name = rawName.toLowerCase();
    const end = endOfText(html, at, slash === '' ? name : '');
    if (end !== undefined) at = end;
    for (const [, attribute, value] of attributes.matchAll(/([\w:-]+)\s*=\s*"([^"]*)"/g)) {
      if (attribute === 'id') ids.set(value!, (ids.get(value!) ?? 0) + 1);
      if (['for', 'list', 'aria-labelledby', 'aria-describedby'].includes(attribute!))
        references.push(...value!.split(' '));
    }
    if (slash === '/') {
      const last = open.pop();
      if (last !== name) problems.push(`</${name}> closes <${last}>`);
    } else if (!voidTags.has(name) && selfClosed === '') open.push(name);
  }
  return [
    ...problems,
    ...open.map((name) => `<${name}> is not closed`),
    ...[...ids].filter(([, count]) => count > 1).map(([id]) => `id ${id} occurs twice`),
    ...references.filter((id) => !ids.has(id)).map((id) => `id ${id} does not exist`),
  ];
}

/** Where the text of a style or script ends, which has no tags. */
function endOfText(html: string, at: number, name: string): number | undefined {
  if (name !== 'style' && name !== 'script') return undefined;
  const end = html.indexOf(`</${name}>`, at);
  return end < 0 ? undefined : end;
}

/** Text with the character references of HTML resolved. */
export const unescapeHtml = (text: string): string =>
  text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));

/** Cells of the rows of a table, as text. */
export const tableRows = (html: string): string[][] =>
  [...(/<tbody>([\s\S]*?)<\/tbody>/.exec(html)?.[1] ?? '').matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row!.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell]) => unescapeHtml(cell!.replaceAll(/<[^>]*>/g, ''))),
  );
