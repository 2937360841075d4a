import { forecast } from './forecast.ts';
import type { ForecastOptions, DailySeries, Forecast } from './types.ts';

/** What a thread of {@link forecastAll} does. */
export default (task: { series: DailySeries; options: ForecastOptions }): Forecast | undefined =>
  forecast(task.series, task.options);
