import stringWidth from 'string-width';
import { DOMParser } from './plot.ts';
import { truncate } from '../../text/truncate.ts';

/** What the drawing of a chart needs. */
export interface Canvas {
  document: Document;
  width: number;
  /** Height of charts that do not depend on the number of rows. */
  height: number;
}

/** A drawn chart, without title and legend. */
export interface Drawing {
  /** Elements in pixels from the upper left corner. */
  elements: Element[];
  height: number;
  legend: LegendItem[];
}

export interface LegendItem {
  text: string;
  mark: 'line' | 'box' | 'ramp' | 'cell' | 'gap';
  colour: string;
  /** Dashes of a line. */
  dash?: string | undefined;
  /** Share of the height of a cell. */
  size?: number;
}

const svgNamespace = 'http://www.w3.org/2000/svg';

/** Text size in pixels, and the width of a narrow character. */
export const textSize = 12;
const characterWidth = 6.7;

/** An XML document: unlike that of HTML, its serializer escapes attributes completely. */
export const newDocument = (): Document =>
  new DOMParser().parseFromString(`<svg xmlns="${svgNamespace}"/>`, 'image/svg+xml') as unknown as Document;

/** An SVG element; attributes that are undefined are left out. */
export function element(
  document: Document,
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
  children: readonly (Element | string)[] = [],
): Element {
  const created = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined) created.setAttribute(key, String(value));
  for (const child of children) created.appendChild(typeof child === 'string' ? document.createTextNode(child) : child);
  return created;
}

/** Approximate width of a text in pixels. */
export const textWidth = (text: string, size = textSize): number =>
  (stringWidth(text) * characterWidth * size) / textSize;

/** Cuts a text to a width in pixels. @param position of the characters to leave out: names often differ only at the end */
export function fitText(text: string, width: number, size = textSize, position: 'end' | 'middle' = 'end'): string {
  const columns = Math.max(1, Math.floor((width * textSize) / (characterWidth * size)));
  return truncate(text, columns, position);
}

/** Characters that XML 1.0 does not allow. */
const invalidCharacters = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** The text of an element, as valid XML. */
export const serialize = (root: Element): string => root.toString().replaceAll(invalidCharacters, '\uFFFD');

/** The value of an attribute: in XML documents, `getAttribute` of linkedom returns it escaped. */
export const attributeOf = (element: Element, name: string): string | undefined =>
  element.getAttributeNode(name)?.value;

/** Attributes with coordinates, and with the description of a mark in the output of Plot. */
const [geometry, label] = [/^(x|y|x1|x2|y1|y2|cx|cy|r|width|height|d|transform|fill-opacity)$/, 'aria-label'];

/**
 * Returns the marks of a drawing of Plot. Descriptions of marks move to `data-tip`; names of groups, which screen readers would
 * read out, are removed; coordinates are rounded.
 */
export function takeMarks(plotted: Element): Element[] {
  for (const each of plotted.querySelectorAll('*')) {
    const tip = attributeOf(each, label);
    if (tip !== undefined) {
      each.removeAttribute(label);
      if (each.localName !== 'g') each.setAttribute('data-tip', tip);
    }
    each.removeAttribute('aria-hidden');
    for (const { name, value } of each.attributes)
      if (geometry.test(name) && value.includes('.')) each.setAttribute(name, roundNumbers(value));
  }
  return [...plotted.children].filter(({ localName }) => localName !== 'style');
}

const roundNumbers = (text: string): string =>
  text.replaceAll(/-?\d+\.\d{3,}(e-?\d+)?/g, (number) => String(Number(Number(number).toFixed(2))));
