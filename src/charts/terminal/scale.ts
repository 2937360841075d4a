import { isFarFromZero } from '../scale.ts';

/** Rows of a plot, and the labels of its axis. */
export interface Scale {
  /** Index of the top row; row 0 is at the bottom. */
  top: number;
  rowOf(value: number): number;
  rowsPerUnit: number;
  labels: Map<number, string>;
}

/**
 * A scale with steps of 1, 2 or 5 times a power of ten, each an integer number of rows. It starts at zero unless all values are
 * far from it.
 */
export function scaleOf(values: readonly number[], height: number): Scale {
  const [minValue, maxValue] = [Math.min(...values), Math.max(...values)];
  const isFar = isFarFromZero(minValue, maxValue);
  const low = isFar ? minValue : Math.min(0, minValue);
  const upper = isFar ? maxValue : Math.max(0, maxValue);
  // A plot of zeros needs a height too.
  const high = upper - low > 1e-300 ? upper : low + 1;
  const minSteps = Math.max(1, Math.floor((height - 1) / 5));
  const exponent = Math.floor(Math.log10(((high - low) * minSteps) / (height - 1)));
  const firstStep = (step: number): number => Math.floor(low / step + 1e-9);
  const stepsAbove = (step: number): number => high / step - firstStep(step) - 1e-9;
  const step = [0, 1, 2]
    .flatMap((more) => [1, 2, 5].map((digit) => digit * 10 ** (exponent + more)))
    .find((each) => stepsAbove(each) * minSteps <= height - 1)!;
  const rowsEach = Math.floor((height - 1) / stepsAbove(step));
  const top = Math.ceil(stepsAbove(step) * rowsEach);
  const maxMagnitude = Math.max(Math.abs(low), Math.abs(high), step);
  const numberFormat = new Intl.NumberFormat('en-US', {
    notation: maxMagnitude >= 1e15 || step < 1e-4 ? 'scientific' : 'compact',
    maximumSignificantDigits: Math.floor(Math.log10(maxMagnitude)) - Math.floor(Math.log10(step)) + 1,
  });
  const label = (value: number): string => (value === 0 ? '0' : numberFormat.format(value).replace('K', 'k'));
  return {
    top,
    rowsPerUnit: rowsEach / step,
    rowOf: (value) => Math.min(top, Math.max(0, Math.round((value / step - firstStep(step)) * rowsEach))),
    labels: new Map(
      Array.from({ length: Math.floor(top / rowsEach) + 1 }, (_, at) => [
        at * rowsEach,
        label((firstStep(step) + at) * step),
      ]),
    ),
  };
}
