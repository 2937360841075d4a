import { forecast } from './forecast.ts';
import type { DailySeries, Forecast, ForecastOptions } from './types.ts';

/** Task of a thread of {@link forecastAll}. */
export default (task: { series: DailySeries; options: ForecastOptions }): Forecast | undefined =>
  forecast(task.series, task.options);
