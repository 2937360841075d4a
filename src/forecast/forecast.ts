import { backtest, levelAt, longestJudged, running, type Weighed } from './backtest.ts';
import { fewestDays, historyOf, type History } from './history.ts';
import { around, widthUnknown } from './intervals.ts';
import { judge } from './judge.ts';
import { seasonalMean } from './models.ts';
import type { Asked, DailySeries, Expected, Forecast } from './types.ts';
import { Widths } from './widths.ts';

/** Fewest days of history from which its past is forecast. */
const fewestForBacktest = 56;

/**
 * Forecasts the sums over horizons, and each day. The same history gives the same forecast, of a horizon whatever others are asked for.
 * @returns nothing where the history is too short
 */
export function forecast(series: DailySeries, asked: Asked): Forecast | undefined {
  const days = series.values.length;
  if (days < fewestDays) return undefined;
  const history = historyOf(series);
  return {
    outliers: history.outliers,
    ...(days < fewestForBacktest ? fromLittle(history, asked) : fromPasts(history, asked)),
  };
}

type Found = Omit<Forecast, 'outliers'>;

function fromLittle(history: History, { horizons, confidence }: Asked): Found {
  const days = history.values.length;
  const path = seasonalMean(history, days, horizons.at(-1)!)!;
  const level = levelAt(history, days);
  const expected = bounded(running(path), level, (horizon) => widthUnknown(horizon, confidence));
  return {
    model: 'seasonal mean',
    totals: horizons.map((horizonDays) => ({ horizonDays, ...expected[horizonDays - 1]!, origins: 0 })),
    days: [...path].map((value) => expectedOf(value, level, widthUnknown(30, confidence))),
  };
}

function fromPasts(history: History, { horizons, confidence }: Asked): Found {
  const longest = horizons.at(-1)!;
  const origins = backtest(history, Math.max(longest, longestJudged));
  const [pasts, now] = [origins.slice(0, -1), origins.at(-1)!];
  const came = running(history.values);
  // How a network at work does tells nothing of one at rest, nor the other way round.
  const atRest = ({ days }: Weighed): boolean => history.active[days - 1] === 0;
  const alike = pasts.filter((past) => atRest(past) === atRest(now));
  const widths = new Widths(alike, history.values, came, confidence);
  const expected = bounded(now.sum.subarray(0, longest + 1), now.level, (horizon) => widths.of(horizon));
  return {
    model: told(now),
    totals: horizons.map((horizonDays) => ({
      horizonDays,
      ...expected[horizonDays - 1]!,
      ...judge(alike, history.values, came, { days: horizonDays, confidence }),
    })),
    days: [...now.path.subarray(0, longest)].map((value, day) => expectedOf(value, now.level, widths.ofDay(day))),
  };
}

/** The models that weigh at least a twentieth, the heaviest first. */
const told = ({ weights }: Weighed): string =>
  [...weights]
    .filter(([, weight]) => weight >= 0.05)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, weight]) => `${name} ${Math.round(100 * weight)} %`)
    .join(', ');

function expectedOf(value: number, size: number, width: number): Expected {
  const [low, high] = around(value, size, width);
  return { value, low, high };
}

/** Each sum with its interval, whose ends never fall from one horizon to the next. @param sums over so many days, from none on */
function bounded(sums: Float64Array, level: number, widthOfHorizon: (days: number) => number): Expected[] {
  const expected: Expected[] = [];
  let [least, most] = [0, 0];
  for (let days = 1; days < sums.length; days++) {
    const { value, low, high } = expectedOf(sums[days]!, level * days, widthOfHorizon(days));
    [least, most] = [Math.max(least, low), Math.max(most, high)];
    expected.push({ value, low: least, high: most });
  }
  return expected;
}
