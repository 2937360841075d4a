import { outcome, type WeightedOrigin } from './backtest.ts';
import { defaultWidth, intervalWidth, minOrigins, relativeError } from './intervals.ts';

/** First days of groups of forecast days that share an interval width. */
const leads = [0, 7, 28, 91];

/** Relative interval widths, from the errors of earlier origins. */
export class IntervalWidths {
  readonly #origins: readonly WeightedOrigin[];
  readonly #actuals: Float64Array;
  readonly #values: Float64Array;
  readonly #confidence: number;
  readonly #distancesByDays = new Map<number, number[]>();
  readonly #widthByLead = new Map<number, number>();

  /** @param actuals cumulative sums of the values, up to the last day that may be used */
  constructor(origins: readonly WeightedOrigin[], values: Float64Array, actuals: Float64Array, confidence: number) {
    this.#origins = origins;
    this.#values = values;
    this.#actuals = actuals;
    this.#confidence = confidence;
  }

  /** Width for the sum over a horizon. With too few origins, a shorter horizon scaled by the square root of the ratio. */
  forHorizon(days: number): number {
    let knownDays = days;
    while (knownDays > 0 && this.#distances(knownDays).length < minOrigins) knownDays -= 1;
    if (knownDays === 0) return defaultWidth(days, this.#confidence);
    const distances = this.#distances(knownDays);
    const span = this.#origins[distances.length - 1]!.days - this.#origins[0]!.days;
    return intervalWidth(distances, span / knownDays, this.#confidence) * Math.sqrt(days / knownDays);
  }

  #distances(days: number): number[] {
    const cached = this.#distancesByDays.get(days);
    if (cached) return cached;
    const distances = this.#origins.flatMap((origin) => {
      const result = outcome(origin, days, this.#actuals);
      return (result && relativeError(result.actual, result.forecast, origin.level * days)) ?? [];
    });
    this.#distancesByDays.set(days, distances);
    return distances;
  }

  /** Width for one forecast day, from the errors of all days in its group. @param day from 0 on */
  forDay(day: number): number {
    const lead = leads.findLast((from) => from <= day)!;
    const width = this.#widthByLead.get(lead) ?? this.#computeLeadWidth(lead);
    this.#widthByLead.set(lead, width);
    return width;
  }

  #computeLeadWidth(lead: number): number {
    const end = leads.find((from) => from > lead);
    const distances = this.#origins.flatMap(({ days, path, level }) =>
      [...path.subarray(lead, Math.min(end ?? path.length, this.#values.length - days))].flatMap(
        (value, at) => relativeError(Math.max(0, this.#values[days + lead + at]!), value, level) ?? [],
      ),
    );
    if (distances.length >= 7 * minOrigins) return intervalWidth(distances, distances.length, this.#confidence);
    return lead === 0 ? defaultWidth(30, this.#confidence) : this.forDay(lead - 1);
  }
}
