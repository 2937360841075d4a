import { attributeOf, element, fitText, textSize, textWidth, type Drawing, type LegendItem } from './canvas.ts';
import { chartColours, fontStack } from '../../render/colours.ts';

/** Texts of a chart. The summary is for people who do not see it. */
export interface FrameTexts {
  title: string;
  subtitle: string;
  summary: string;
}

const [padding, titleSize, legendHeight, swatch] = [16, 16, 24, 12];

/** Width inside the frame. */
export const innerWidth = (width: number, isStandalone: boolean): number => width - (isStandalone ? 2 * padding : 0);

/** Height of everything around the drawing. */
export function frameHeight(legend: readonly LegendItem[], width: number, isStandalone: boolean): number {
  const lines = legendLines(legend, innerWidth(width, isStandalone)).length;
  return lines * legendHeight + (isStandalone ? 2 * padding + titleSize + 4 + textSize + 14 : 0);
}

/** The root element: title and description for assistive technology, then the legend and the drawing. */
export function frame(
  document: Document,
  { title, subtitle, summary }: FrameTexts,
  { elements, height, legend }: Drawing,
  width: number,
  isStandalone: boolean,
): Element {
  const inner = innerWidth(width, isStandalone);
  const fullHeight = Math.ceil(height + frameHeight(legend, width, isStandalone));
  const left = isStandalone ? padding : 0;
  let top = 0;
  const head: Element[] = [];
  if (isStandalone) {
    head.push(
      element(document, 'rect', { width, height: fullHeight, fill: 'var(--paper)' }),
      element(
        document,
        'text',
        { x: left, y: padding + titleSize - 2, 'font-size': titleSize, 'font-weight': 600, fill: 'var(--ink)' },
        [fitText(title, inner, titleSize)],
      ),
      element(document, 'text', { x: left, y: padding + titleSize + 4 + textSize, fill: 'var(--soft)' }, [
        fitText(subtitle, inner),
      ]),
    );
    top = padding + titleSize + 4 + textSize + 14;
  }
  for (const line of legendLines(legend, inner)) {
    head.push(legendLine(document, line, left, top));
    top += legendHeight;
  }
  const root = element(
    document,
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height: fullHeight,
      viewBox: `0 0 ${width} ${fullHeight}`,
      role: 'img',
      class: 'chart',
      'font-family': fontStack,
      'font-size': textSize,
    },
    [
      element(document, 'title', {}, [title]),
      element(document, 'desc', {}, [summary]),
      ...(isStandalone
        ? [element(document, 'style', {}, [`${chartColours('.chart')}.chart text{white-space:pre}`])]
        : []),
      ...head,
      element(document, 'g', { transform: `translate(${left},${top})`, 'text-anchor': 'middle' }, elements),
    ],
  );
  if (isStandalone) turnTipsIntoTitles(document, root);
  return root;
}

/** In a file of its own, browsers show titles next to the pointer. */
function turnTipsIntoTitles(document: Document, root: Element): void {
  for (const mark of root.querySelectorAll('[data-tip]')) {
    const title = element(document, 'title', {}, [attributeOf(mark, 'data-tip')!]);
    mark.insertBefore(title, mark.firstChild);
    mark.removeAttribute('data-tip');
  }
}

interface PlacedItem extends LegendItem {
  x: number;
}

const swatchWidth = ({ mark }: LegendItem): number => (mark === 'ramp' ? 5 * swatch : mark === 'line' ? 20 : swatch);

/** Items side by side, in as many lines as they need. */
function legendLines(legend: readonly LegendItem[], width: number): PlacedItem[][] {
  const lines: PlacedItem[][] = [];
  let x = Infinity;
  for (const item of legend) {
    const text = fitText(item.text, Math.min(220, width - 40));
    const itemWidth = swatchWidth(item) + 6 + textWidth(text) + 18;
    if (x + itemWidth - 18 > width) {
      lines.push([]);
      x = 0;
    }
    lines.at(-1)!.push({ ...item, text, x });
    x += itemWidth;
  }
  return lines;
}

function legendLine(document: Document, items: readonly PlacedItem[], left: number, top: number): Element {
  const middle = top + legendHeight / 2 - 2;
  return element(
    document,
    'g',
    { fill: 'var(--ink)' },
    items.flatMap((item) => {
      const x = left + item.x;
      return [
        ...swatchOf(document, item, x, middle),
        element(document, 'text', { x: x + swatchWidth(item) + 6, y: middle + 4 }, [item.text]),
      ];
    }),
  );
}

function swatchOf(
  document: Document,
  { mark, colour, dash, size = 1 }: LegendItem,
  x: number,
  middle: number,
): Element[] {
  const box = { x, y: middle - swatch / 2, width: swatch, height: swatch, rx: 1.5 };
  switch (mark) {
    case 'line':
      return [
        element(document, 'path', {
          d: `M${x},${middle}h20`,
          stroke: colour,
          'stroke-width': 2,
          'stroke-dasharray': dash,
        }),
      ];
    case 'ramp':
      return [0.06, 0.3, 0.53, 0.77, 1].map((opacity, at) =>
        element(document, 'rect', { ...box, x: x + at * swatch, rx: undefined, fill: colour, 'fill-opacity': opacity }),
      );
    case 'cell':
      return [
        element(document, 'rect', {
          ...box,
          y: middle + swatch / 2 - swatch * size,
          height: swatch * size,
          fill: colour,
        }),
      ];
    case 'gap':
      return [element(document, 'rect', { ...box, fill: 'none', stroke: colour, 'stroke-dasharray': '2 2' })];
    case 'box':
      return [element(document, 'rect', { ...box, fill: colour })];
  }
}
