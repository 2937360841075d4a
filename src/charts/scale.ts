/** A linear axis with round marks. */
export interface Axis {
  min: number;
  max: number;
  ticks: number[];
  format(value: number): string;
}

/** Whether all values are so far from zero that an axis from zero would hide their differences. */
export const isFarFromZero = (min: number, max: number): boolean =>
  Math.min(Math.abs(min), Math.abs(max)) > 2 * (max - min) && max - min > Math.abs(max) / 1000;

/** Minimum height of an axis: smaller differences are rounding errors. */
const minSpan = 1e-9;

/**
 * An axis with steps of 1, 2 or 5 times a power of ten.
 * @param count number of steps, about
 * @param fromZero whether it includes zero whatever the values are
 */
export function niceAxis(values: readonly number[], count: number, fromZero: boolean): Axis {
  const [minValue, maxValue] = [
    values.reduce((a, b) => Math.min(a, b), Infinity),
    values.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  const isKnown = Number.isFinite(minValue) && Number.isFinite(maxValue);
  const isFar = isKnown && !fromZero && isFarFromZero(minValue, maxValue);
  const low = !isKnown ? 0 : isFar ? minValue : Math.min(0, minValue);
  const upper = !isKnown ? 0 : isFar ? maxValue : Math.max(0, maxValue);
  const high = upper - low > minSpan ? upper : low + 1;
  const raw = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((digit) => digit * power >= raw * (1 - 1e-9)) ?? 10) * power;
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  const ticks = Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
  return { min: ticks[0]!, max: ticks.at(-1)!, ticks, format: axisFormat(ticks, step) };
}

/** Labels with as many digits as the steps need: 0.5, 1,200 or 1.2M. */
function axisFormat(ticks: readonly number[], step: number): (value: number) => string {
  const max = Math.max(...ticks.map(Math.abs));
  const format =
    max >= 1e15 || step < 1e-6
      ? new Intl.NumberFormat('en-US', { notation: 'scientific', maximumSignificantDigits: 3 })
      : max >= 1e6
        ? new Intl.NumberFormat('en-US', {
            notation: 'compact',
            maximumSignificantDigits: Math.min(
              15,
              Math.max(1, Math.floor(Math.log10(max)) - Math.floor(Math.log10(step)) + 1),
            ),
          })
        : new Intl.NumberFormat('en-US', { maximumFractionDigits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) });
  return (value) => format.format(value);
}
