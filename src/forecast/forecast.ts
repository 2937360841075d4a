import type { Asked, DailySeries, Forecast } from './types.ts';

/** Fewest days of history a forecast is made from. */
export const fewestDays = 14;

/** @returns nothing where the history is too short */
export function forecast(series: DailySeries, { horizons }: Asked): Forecast | undefined {
  const { name, values, firstDay, active } = series;
  if (values.length < fewestDays) return undefined;
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  const days = Array.from({ length: horizons.at(-1)! }, () => ({ value: mean, low: mean, high: mean }));
  const historyTo = new Date(Date.parse(firstDay) + (values.length - 1) * 86_400_000).toISOString().slice(0, 10);
  return {
    name, model: 'seasonal mean', historyDays: values.length, historyFrom: firstDay, historyTo, active: active.at(-1)!, outliers: 0, days,
    totals: horizons.map((horizonDays) => ({ horizonDays, value: mean * horizonDays, low: mean * horizonDays, high: mean * horizonDays, origins: 0 })),
  };
}
