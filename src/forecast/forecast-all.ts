import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { forecastWorker } from '../paths.ts';
import type { DailySeries, Forecast, ForecastOptions } from './types.ts';

/** Threads that forecast at the same time: what else the process does goes on meanwhile. */
const maxThreads = Math.min(8, availableParallelism());

let pool: Promise<import('tinypool').default> | undefined;

/** Threads are made when the first forecast is near, and keep no process alive. */
export const workerPool = (): NonNullable<typeof pool> =>
  (pool ??= import('tinypool').then(
    ({ default: Tinypool }) =>
      new Tinypool({ filename: forecastWorker, minThreads: 1, maxThreads, runtime: 'worker_threads' }),
  ));

/**
 * Forecasts each series, where it has two weeks of history at least.
 * @param onProgress told before each how many are done; may throw to end the work
 * @returns one a series, in their order; nothing for a history too short
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
