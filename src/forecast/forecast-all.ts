import { forecast } from './forecast.ts';
import type { Asked, DailySeries, Forecast } from './types.ts';

/**
 * Forecasts each series, where it has two weeks of history at least.
 * @param goOn told after each how many are done; may throw to end the work
 * @returns one a series, in their order; nothing for a history too short
 */
export async function forecastAll(all: readonly DailySeries[], asked: Asked, goOn: (done: number) => void): Promise<(Forecast | undefined)[]> {
  return all.map((series, at) => {
    goOn(at);
    return forecast(series, asked);
  });
}
