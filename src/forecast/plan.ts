import type { Forecast, PointForecast } from './types.ts';

/** Charge points that open, or close if negative, on a day. */
export interface PlannedChange {
  points: number;
  /** Days from the first day of the forecast. */
  day: number;
}

/**
 * The forecast with planned charge points. From its day on, each new one counts like the mean charge point that is active now, so
 * that values and intervals change in proportion to the number of charge points.
 * @param active number of active charge points now, not 0
 */
export function withPlan(forecast: Forecast, plan: readonly PlannedChange[], active: number): Forecast {
  const factors = forecast.days.map((_, at) => {
    const planned = plan.reduce((sum, { points, day }) => sum + (day <= at ? points : 0), 0);
    return Math.max(0, 1 + planned / active);
  });
  const scale = <T extends PointForecast>(each: T, factor: number): T => ({
    ...each,
    value: each.value * factor,
    low: each.low * factor,
    high: each.high * factor,
  });
  const days = forecast.days.map((each, at) => scale(each, factors[at]!));
  // A sum changes as the days in it do.
  const factorOf = (horizon: number): number => {
    const [before, after] = [forecast.days, days].map((all) =>
      all.slice(0, horizon).reduce((sum, { value }) => sum + value, 0),
    ) as [number, number];
    return before > 0 ? after / before : factors.slice(0, horizon).reduce((sum, factor) => sum + factor / horizon, 0);
  };
  let [lowFloor, highFloor] = [0, 0];
  const totals = forecast.totals.map((total) => {
    const scaled = scale(total, factorOf(total.horizonDays));
    [lowFloor, highFloor] = [Math.max(lowFloor, scaled.low), Math.max(highFloor, scaled.high)];
    return { ...scaled, low: lowFloor, high: highFloor };
  });
  return { ...forecast, days, totals };
}
