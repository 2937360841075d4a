import { backtest, levelAt, longestJudged, outcome, running, type Weighed } from './backtest.ts';
import { fewestDays, historyOf, type History } from './history.ts';
import { around, distance, fewestPasts, widthOf, widthUnknown } from './intervals.ts';
import { seasonalMean } from './models.ts';
import type { Asked, DailySeries, Expected, Forecast, Total } from './types.ts';

/** Fewest days of history from which its past is forecast. */
const fewestForBacktest = 56;

/**
 * Forecasts the sums over horizons, and each day. The same history gives the same forecast, of a horizon whatever others are asked for.
 * @returns nothing where the history is too short
 */
export function forecast(series: DailySeries, asked: Asked): Forecast | undefined {
  const { name, values, firstDay, active } = series;
  if (values.length < fewestDays) return undefined;
  const history = historyOf(series);
  const whole = { name, historyDays: values.length, historyFrom: firstDay, historyTo: dayAfter(firstDay, values.length - 1), active: active.at(-1)!, outliers: history.outliers };
  return { ...whole, ...(values.length < fewestForBacktest ? fromLittle(history, asked) : fromPasts(history, asked)) };
}

type Found = Pick<Forecast, 'model' | 'totals' | 'days'>;

const dayAfter = (day: string, days: number): string => new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);

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
  const widths = new Widths(alike, history.values, came);
  const expected = bounded(now.sum.subarray(0, longest + 1), now.level, (horizon) => widths.of(horizon, confidence));
  return {
    model: told(now),
    totals: horizons.map((horizonDays) => ({ horizonDays, ...expected[horizonDays - 1]!, ...judge(alike, history.values, came, { horizonDays, confidence }) })),
    days: [...now.path.subarray(0, longest)].map((value, day) => expectedOf(value, now.level, widths.ofDay(day, confidence))),
  };
}

/** The models that weigh at least a twentieth, the heaviest first. */
const told = ({ weights }: Weighed): string =>
  [...weights].filter(([, weight]) => weight >= 0.05).toSorted(([, one], [, other]) => other - one).map(([name, weight]) => `${name} ${Math.round(100 * weight)} %`).join(', ');

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

/** How wide intervals are, by the errors of pasts. */
class Widths {
  readonly #pasts: readonly Weighed[];
  readonly #came: Float64Array;
  readonly #values: Float64Array;
  readonly #known = new Map<number, number[]>();
  readonly #ofLead = new Map<number, number>();

  constructor(pasts: readonly Weighed[], values: Float64Array, came: Float64Array) {
    this.#pasts = pasts;
    this.#values = values;
    this.#came = came;
  }

  /** For the sum over so many days; where too few pasts are over, as a shorter one widened by the root of their ratio. */
  of(days: number, confidence: number): number {
    let known = days;
    while (known > 0 && this.#distances(known).length < fewestPasts) known -= 1;
    if (known === 0) return widthUnknown(days, confidence);
    const distances = this.#distances(known);
    const span = this.#pasts[distances.length - 1]!.days - this.#pasts[0]!.days;
    return widthOf(distances, span / known, confidence) * Math.sqrt(days / known);
  }

  #distances(days: number): number[] {
    const known = this.#known.get(days);
    if (known) return known;
    const found = this.#pasts.flatMap((past) => {
      const over = outcome(past, days, this.#came);
      return (over && distance(over.came, over.forecast, past.level * days)) ?? [];
    });
    this.#known.set(days, found);
    return found;
  }

  /** For one day to come, by all days that lay about as far ahead. @param day from 0 on */
  ofDay(day: number, confidence: number): number {
    const lead = leads.findLast((from) => from <= day)!;
    const known = this.#ofLead.get(lead) ?? this.#widthOfLead(lead, confidence);
    this.#ofLead.set(lead, known);
    return known;
  }

  #widthOfLead(lead: number, confidence: number): number {
    const end = leads.find((from) => from > lead);
    const distances = this.#pasts.flatMap(({ days, path, level }) =>
      Array.from(path.subarray(lead, Math.min(end ?? path.length, this.#values.length - days)), (value, at) => distance(Math.max(0, this.#values[days + lead + at]!), value, level)).filter((each) => each !== undefined));
    if (distances.length >= 7 * fewestPasts) return widthOf(distances, distances.length, confidence);
    return lead === 0 ? widthUnknown(30, confidence) : this.ofDay(lead - 1, confidence);
  }
}

/** Days to come, from each of these to the next, are about as far ahead. */
const leads = [0, 7, 28, 91];

/** What sums of the same numbers in another order may differ by. */
const rounding = 1e-9;

/** How well pasts were forecast, of each only by what was known before. */
function judge(pasts: readonly Weighed[], values: Float64Array, came: Float64Array, { horizonDays: days, confidence }: { horizonDays: number; confidence: number }): Pick<Total, 'error' | 'naiveError' | 'coverage' | 'origins'> {
  const over = pasts.flatMap((past, at) => {
    const found = outcome(past, days, came);
    return found ? [{ ...found, at, past }] : [];
  });
  const sum = (of: (each: (typeof over)[number]) => number): number => over.reduce((total, each) => total + of(each), 0);
  const all = sum((each) => each.came);
  if (over.length === 0 || all <= 0) return { origins: over.length };
  const judged = over.filter(({ at }) => at >= fewestPasts);
  const within = judged.filter(({ at, past, came: sumCame, forecast: sumForecast }) => {
    const width = new Widths(pasts.slice(0, at), values, came.subarray(0, past.days + 1)).of(days, confidence);
    return (distance(sumCame, sumForecast, past.level * days) ?? 0) <= width + rounding;
  });
  return {
    origins: over.length,
    error: sum((each) => Math.abs(each.came - each.forecast)) / all,
    naiveError: sum((each) => Math.abs(each.came - each.naive)) / all,
    ...(judged.length > 0 ? { coverage: within.length / judged.length } : {}),
  };
}
