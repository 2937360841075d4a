import { forecast } from './forecast.ts';
import type { Asked, DailySeries, Forecast } from './types.ts';

/** What a thread of {@link forecastAll} does. */
export default (task: { series: DailySeries; asked: Asked }): Forecast | undefined => forecast(task.series, task.asked);
