import { SaxesParser } from 'saxes';

/** What an SVG contains. */
export interface SvgContents {
  /** Attributes of the root element. */
  root: Record<string, string>;
  title: string;
  description: string;
  /** Descriptions of marks, from `data-tip` or a title. */
  tips: string[];
  /** Texts that are visible. */
  texts: string[];
  /** Elements with their attributes. */
  elements: { name: string; attributes: Record<string, string> }[];
}

/** Parses an SVG as XML 1.0; throws if it is not well-formed. */
export function parseSvg(text: string): SvgContents {
  const contents: SvgContents = { root: {}, title: '', description: '', tips: [], texts: [], elements: [] };
  const open: string[] = [];
  let buffer = '';
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const plain = Object.fromEntries(Object.entries(attributes).map(([key, { value }]) => [key, value]));
    if (open.length === 0) contents.root = plain;
    contents.elements.push({ name, attributes: plain });
    if (plain['data-tip'] !== undefined) contents.tips.push(plain['data-tip']);
    open.push(name);
    if (name !== 'tspan') buffer = '';
  });
  parser.on('text', (each) => {
    buffer += each;
  });
  parser.on('closetag', ({ name }) => {
    open.pop();
    if (name === 'text') contents.texts.push(buffer);
    if (name === 'desc') contents.description = buffer;
    if (name === 'title' && open.length === 1) contents.title = buffer;
    if (name === 'title' && open.length > 1) contents.tips.push(buffer);
    if (name === 'title') buffer = '';
  });
  parser.write(text).close();
  return contents;
}
