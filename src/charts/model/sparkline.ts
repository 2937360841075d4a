import type { FigureModel } from './figure.ts';

/** Where a sparkline is drawn, in pixels. */
interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A line of all values as an SVG path; gaps stay open. @returns the path, and the place of a value */
export function sparkline(
  { values }: FigureModel,
  { left, top, width, height }: Box,
): { path: string; x(at: number): number; y(value: number): number } {
  const known = values.flatMap(({ value }) => value ?? []);
  const min = known.reduce((a, b) => Math.min(a, b), 0);
  const max = known.reduce((a, b) => Math.max(a, b), min);
  const x = (at: number): number => round(left + (at * width) / Math.max(1, values.length - 1));
  const y = (value: number): number => round(top + height - 2 - ((value - min) / (max - min || 1)) * (height - 4));
  let isOpen = false;
  const path = values
    .map(({ value }, at) => {
      if (value === null) {
        isOpen = false;
        return '';
      }
      const command = `${isOpen ? 'L' : 'M'}${x(at)},${y(value)}${isOpen ? '' : 'h0'}`;
      isOpen = true;
      return command;
    })
    .join('');
  return { path: path || 'M0,0', x, y };
}

const round = (value: number): number => Number(value.toFixed(1));
