import type { ChalkInstance } from 'chalk';
import stringWidth from 'string-width';
import { truncate } from '../../text/truncate.ts';

/** The size of the drawing in columns of the screen, and its colours. */
export interface Screen {
  width: number;
  chalk: ChalkInstance;
}

/** Joins items with two spaces, in as many lines as they need. */
export function wrapItems(items: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const item of items.map((each) => truncate(each, width))) {
    const longer = lines.length > 0 ? `${lines.at(-1)}  ${item}` : item;
    if (lines.length > 0 && stringWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(item);
  }
  return lines;
}

export const padStart = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - stringWidth(text))) + text;
export const padEnd = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - stringWidth(text)));

export const maxWidth = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => stringWidth(text)));

/** Labels of rows, cut to two fifths of the width and padded. @param max maximum width, if that is more */
export function labelColumn(
  labels: readonly string[],
  width: number,
  max = Math.max(4, Math.floor(width * 0.4)),
): string[] {
  // Labels often differ only at the end: Bay 1, Bay 2.
  const cut = labels.map((label) => truncate(label, max, 'middle'));
  const widest = maxWidth(cut);
  return cut.map((label) => padEnd(label, widest));
}

/** Marks and labels below columns, as many as fit; the first ones have precedence. */
export function axisLabels(
  marks: readonly (readonly [column: number, label: string])[],
  left: number,
  columns: number,
  width: number,
): [axis: string, labels: string] {
  const axis = ['└', ...Array<string>(columns).fill('─')];
  let labels = ' '.repeat(width);
  for (const [column, label] of marks) {
    const size = stringWidth(label);
    const at = Math.min(Math.max(0, left + column - Math.floor(size / 2)), width - size);
    if (at < 0 || labels.slice(Math.max(0, at - 1), at + size + 1).trim()) continue;
    labels = labels.slice(0, at) + label + labels.slice(at + size);
    axis[column + 1] = '┬';
  }
  return [' '.repeat(left - 1) + axis.join(''), labels.trimEnd()];
}

/** Labels in the order in which they should be placed: both ends, then evenly spaced ones. */
export function spacedMarks(labels: readonly string[], maxCount: number): number[] {
  const step = Math.max(1, Math.ceil(labels.length / Math.max(1, maxCount)));
  return [...labels.keys()].filter((at) => at % step === 0);
}

const sparks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Values between two bounds as a line of blocks; a gap is a space. */
export const sparkText = (values: readonly (number | null)[], min: number, max: number): string =>
  values
    .map((value) =>
      value === null
        ? ' '
        : sparks[max === min ? 0 : Math.min(7, Math.max(0, Math.round(((value - min) / (max - min)) * 7)))]!,
    )
    .join('');

/** Means of so many groups of neighbours; null for groups without a value. @returns the values themselves if they fit */
export function meansOf(
  values: readonly (number | null)[],
  count: number,
): { values: (number | null)[]; size: number } {
  const size = Math.ceil(values.length / Math.max(1, count));
  if (size <= 1) return { values: [...values], size: 1 };
  return {
    size,
    values: Array.from({ length: Math.ceil(values.length / size) }, (_, at) => {
      const known = values.slice(at * size, (at + 1) * size).filter((value) => value !== null);
      return known.length === 0 ? null : known.reduce((sum, value) => sum + value / known.length, 0);
    }),
  };
}
