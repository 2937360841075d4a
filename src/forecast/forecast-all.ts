import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { forecastWorker } from '../paths.ts';
import type { Asked, DailySeries, Forecast } from './types.ts';

/** Threads that forecast at the same time: what else the process does goes on meanwhile. */
const threads = Math.min(8, availableParallelism());

let pool: Promise<import('tinypool').default> | undefined;

/** Threads are made when the first forecast is near, and keep no process alive. */
export const threadsAtWork = (): NonNullable<typeof pool> =>
  (pool ??= import('tinypool').then(
    ({ default: Tinypool }) =>
      new Tinypool({ filename: forecastWorker, minThreads: 1, maxThreads: threads, runtime: 'worker_threads' }),
  ));

/**
 * Forecasts each series, where it has two weeks of history at least.
 * @param goOn told before each how many are done; may throw to end the work
 * @returns one a series, in their order; nothing for a history too short
 */
export async function forecastAll(
  all: readonly DailySeries[],
  asked: Asked,
  goOn: (done: number) => void,
): Promise<(Forecast | undefined)[]> {
  const atOnce = pLimit(threads);
  const atWork = await threadsAtWork();
  let done = 0;
  try {
    return await Promise.all(
      all.map((series) =>
        atOnce(async () => {
          goOn(done);
          const found = (await atWork.run({ series, asked })) as Forecast | undefined;
          done += 1;
          return found;
        }),
      ),
    );
  } finally {
    atOnce.clearQueue();
  }
}
