import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { forecastWorker } from '../paths.ts';
import type { DailySeries, Forecast, ForecastOptions } from './types.ts';

/** Maximum number of forecast threads. */
const maxThreads = Math.min(8, availableParallelism());

let pool: Promise<import('tinypool').default> | undefined;

/** The thread pool, created on first use; it does not keep the process alive. */
export const workerPool = (): NonNullable<typeof pool> =>
  (pool ??= import('tinypool').then(
    ({ default: Tinypool }) =>
      new Tinypool({ filename: forecastWorker, minThreads: 1, maxThreads, runtime: 'worker_threads' }),
  ));

/**
 * Forecasts each series in the thread pool.
 * @param onProgress called before each forecast with the number of finished ones; may throw to cancel
 * @returns forecasts in the order of the series; undefined for a history that is too short
 */
export async function forecastAll(
  seriesList: readonly DailySeries[],
  options: ForecastOptions,
  onProgress: (done: number) => void,
): Promise<(Forecast | undefined)[]> {
  const limit = pLimit(maxThreads);
  const workers = await workerPool();
  let done = 0;
  try {
    return await Promise.all(
      seriesList.map((series) =>
        limit(async () => {
          onProgress(done);
          const result = (await workers.run({ series, options })) as Forecast | undefined;
          done += 1;
          return result;
        }),
      ),
    );
  } finally {
    limit.clearQueue();
  }
}
