import { expect, test, vi } from 'vitest';
import type { forecastAll } from '../../../src/forecast/forecast-all.ts';
import { assertReadersFree, listenOnFreePort, startRequest, waitUntil } from '../../support/http-client.ts';
import { dataSets, startInProcessServer } from '../../support/in-process-server.ts';

/** Number of running forecasts, none of which ends by itself. */
const running = vi.hoisted(() => ({ now: 0, begun: 0 }));
vi.mock('../../../src/forecast/forecast-all.ts', () => ({
  workerPool: () => undefined,
  forecastAll: (async (_series, _asked, goOn) => {
    running.now += 1;
    running.begun += 1;
    try {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        goOn(0);
      }
    } finally {
      running.now -= 1;
    }
  }) satisfies typeof forecastAll,
}));

const files = dataSets('steady');
const url = '/api/v1/analytics/revenue/forecasts?as_of=2025-06-15';

test('a forecast that exceeds its time limit is cancelled', async () => {
  const { app, context, stderrText } = await startInProcessServer({ files, seconds: 1 });
  const own = await app.inject(url);
  expect([own.statusCode, own.json<{ error: { code: string } }>().error.code]).toEqual([504, 'query_timeout']);
  for (const ending of ['csv', 'parquet'])
    expect((await app.inject(`/v0/pipes/revenue_forecasts.${ending}?as_of=2025-06-15`)).statusCode).toBe(408);
  await assertReadersFree(context);
  expect([running.now, stderrText()]).toEqual([0, '']);
  expect(running.begun).toBeGreaterThan(0);
});

test('a forecast is cancelled when its client disconnects', async () => {
  const { app, context, stderrText } = await startInProcessServer({ files, seconds: 600 });
  const port = await listenOnFreePort(app);
  const { request } = startRequest(port, url);
  await waitUntil(() => running.now === 1);
  request.destroy();
  await waitUntil(() => running.now === 0);
  await assertReadersFree(context);
  expect(stderrText()).toBe('');
});
