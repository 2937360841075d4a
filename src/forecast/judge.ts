import { outcome, type Weighed } from './backtest.ts';
import { distance, fewestPasts } from './intervals.ts';
import type { Total } from './types.ts';
import { Widths } from './widths.ts';

/** What sums of the same numbers in another order may differ by. */
const rounding = 1e-9;

type Judged = Pick<Total, 'error' | 'naiveError' | 'coverage' | 'origins'>;

/** How well pasts were forecast, of each only by what was known before. */
export function judge(
  pasts: readonly Weighed[],
  values: Float64Array,
  came: Float64Array,
  { days, confidence }: { days: number; confidence: number },
): Judged {
  const over = pasts.flatMap((past, at) => {
    const found = outcome(past, days, came);
    return found ? [{ ...found, at, past }] : [];
  });
  const sum = (of: (each: (typeof over)[number]) => number): number =>
    over.reduce((total, each) => total + of(each), 0);
  const all = sum((each) => each.came);
  if (over.length === 0 || all <= 0) return { origins: over.length };
  const judged = over.filter(({ at }) => at >= fewestPasts);
  const within = judged.filter(({ at, past, came: sumCame, forecast: sumForecast }) => {
    const width = new Widths(pasts.slice(0, at), values, came.subarray(0, past.days + 1), confidence).of(days);
    return (distance(sumCame, sumForecast, past.level * days) ?? 0) <= width + rounding;
  });
  return {
    origins: over.length,
    error: sum((each) => Math.abs(each.came - each.forecast)) / all,
    naiveError: sum((each) => Math.abs(each.came - each.naive)) / all,
    ...(judged.length > 0 ? { coverage: within.length / judged.length } : {}),
  };
}
