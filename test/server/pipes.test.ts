import { expect, test } from 'vitest';
import { wattduck } from '../support/cli.ts';
import { served } from '../support/server.ts';

const { app, db } = await served({ files: ['test/reports/data/dozen'] });

/** What differs from run to run. */
const timeless = (text: string): string => text.replace(/"elapsed": [\d.e-]+/, '"elapsed": 0');

test('a pipe answers the very bytes --json prints', async () => {
  const { statusCode, body, headers } = await app.inject('/v0/pipes/station_analytics.json?limit=2&currency=EUR');
  expect([statusCode, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  const printed = await wattduck(['report', 'station-analytics', '--limit', '2', '--currency', 'EUR', '--json', '--db', db]);
  expect(timeless(body)).toBe(timeless(printed.stdout));
});
