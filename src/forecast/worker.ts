import { forecast } from './forecast.ts';
import type { DailySeries, Forecast, ForecastOptions } from './types.ts';

/** What a thread of {@link forecastAll} does. */
export default (task: { series: DailySeries; options: ForecastOptions }): Forecast | undefined =>
  forecast(task.series, task.options);
