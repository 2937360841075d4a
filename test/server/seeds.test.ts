import { spawnSync } from 'node:child_process';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { startInProcessServer } from '../support/in-process-server.ts';

const { app, context } = await startInProcessServer();
const url = await app.listen({ port: 0, host: '127.0.0.1' });
const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** Runs a command from the hosted service's documents against this server; returns status and body. */
async function run(documented: string): Promise<[number, Record<string, unknown>]> {
  const command = documented.replace('https://api.europe-west2.gcp.tinybird.co', url);
  if (!hasCurl) return equivalent(command.replace('$TB_ADMIN_TOKEN', 'p.any'));
  const { stdout } = await execa('bash', ['-c', `${command} --silent --show-error --write-out '\\n%{http_code}'`], {
    env: { TB_ADMIN_TOKEN: 'p.any' },
  });
  const lines = stdout.split('\n');
  return [Number(lines.pop()), JSON.parse(lines.join('\n')) as Record<string, unknown>];
}

/** The request curl would send. */
async function equivalent(command: string): Promise<[number, Record<string, unknown>]> {
  const [, method, address] = /-X (\w+) "([^"]+)"/.exec(command)!;
  const body = /-d '([^']*)'/.exec(command)?.[1];
  const headers = {
    authorization: 'Bearer p.any',
    ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
  };
  const answer = await fetch(address!, { method: method!, headers, ...(body === undefined ? {} : { body }) });
  return [answer.status, (await answer.json()) as Record<string, unknown>];
}

const data = async (command: string): Promise<Record<string, unknown>[]> => {
  const [status, body] = await run(command);
  expect([status, body]).toEqual([
    200,
    expect.objectContaining({ meta: expect.any(Array), data: expect.any(Array), statistics: expect.any(Object) }),
  ]);
  return body['data'] as Record<string, unknown>[];
};

/** No client can send a URL with blanks: each is encoded as %20. */
const withoutBlanks = (command: string): string => command.replace(/(?<=\?[^"]*) (?=[^"]*"$)/g, '%20');

describe('rows as the documents send them', () => {
  test.each([
    [
      'charging_sessions',
      String.raw`curl -X POST "https://api.europe-west2.gcp.tinybird.co/v0/events?name=charging_sessions" \
     -H "Authorization: Bearer $TB_ADMIN_TOKEN" \
     -d '{
           "session_id": "session123",
           "station_id": "station456",
           "user_id": "user789",
           "start_time": "2024-01-26 10:00:00",
           "end_time": "2024-01-26 11:00:00",
           "energy_consumed": 15.5,
           "amount_paid": 10.00,
           "charging_type": "AC",
           "location": "Main Street",
           "timestamp": "2024-01-26 10:00:00"
         }'`,
    ],
    [
      'customer_events',
      String.raw`curl -X POST "https://api.europe-west2.gcp.tinybird.co/v0/events?name=customer_events" \
     -H "Authorization: Bearer $TB_ADMIN_TOKEN" \
     -d '{
       "event_id": "ev-12345",
       "customer_id": "cust-789",
       "event_type": "purchase",
       "event_timestamp": "2023-06-15 14:30:45",
       "session_id": "sess-456",
       "page_url": "https://example.com/product/123",
       "product_id": "prod-123",
       "category_id": "cat-456",
       "price": 49.99,
       "quantity": 1,
       "device_type": "mobile",
       "country": "US",
       "referrer": "google.com",
       "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 13_2_3 like Mac OS X)"
     }'`,
    ],
    [
      'customer_profiles',
      String.raw`curl -X POST "https://api.europe-west2.gcp.tinybird.co/v0/events?name=customer_profiles" \
     -H "Authorization: Bearer $TB_ADMIN_TOKEN" \
     -d '{
       "customer_id": "cust-789",
       "email": "john.doe@example.com",
       "first_name": "John",
       "last_name": "Doe",
       "age": 35,
       "gender": "male",
       "city": "New York",
       "country": "US",
       "signup_date": "2023-01-15",
       "last_login": "2023-06-18 09:15:30",
       "customer_segment": "High Value",
       "lifetime_value": 1250.75
     }'`,
    ],
    [
      'customer_segments',
      String.raw`curl -X POST "https://api.europe-west2.gcp.tinybird.co/v0/events?name=customer_segments" \
     -H "Authorization: Bearer $TB_ADMIN_TOKEN" \
     -d '{
       "segment_id": "seg-123",
       "segment_name": "High Value Active",
       "segment_description": "Customers who spend more than $1000 and have high engagement",
       "creation_date": "2023-01-01",
       "update_date": "2023-06-01",
       "segment_rules": "total_spent > 1000 AND session_count > 10",
       "segment_type": "value-based"
     }'`,
    ],
  ])('%s', async (_, command) => {
    expect(await run(command)).toEqual([202, { successful_rows: 1, quarantined_rows: 0 }]);
    expect(await run(command.replace(/(?<=name=\w+)"/, '&wait=true"'))).toEqual([
      200,
      { successful_rows: 1, quarantined_rows: 0 },
    ]);
  });

  test('are stored as they were sent', async () => {
    const { systemConnection } = context.owner;
    expect(
      await systemConnection.row(
        'select session_id, station_id, user_id, start_time, end_time, energy_kwh, amount_paid::varchar as paid, charging_type, location, timestamp from db.main.charging_sessions',
      ),
    ).toEqual({
      session_id: 'session123',
      station_id: 'station456',
      user_id: 'user789',
      start_time: '2024-01-26 10:00:00',
      end_time: '2024-01-26 11:00:00',
      energy_kwh: 15.5,
      paid: '10.000000',
      charging_type: 'AC',
      location: 'Main Street',
      timestamp: '2024-01-26 10:00:00',
    });
    expect(
      await systemConnection.row(
        'select event_type, event_timestamp, price::varchar as price, quantity, user_agent from db.main.customer_events',
      ),
    ).toEqual({
      event_type: 'purchase',
      event_timestamp: '2023-06-15 14:30:45',
      price: '49.990000',
      quantity: 1,
      user_agent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 13_2_3 like Mac OS X)',
    });
    expect(
      await systemConnection.row(
        'select age, signup_date::varchar as signed_up, last_login, customer_segment from db.main.customer_profiles',
      ),
    ).toEqual({ age: 35, signed_up: '2023-01-15', last_login: '2023-06-18 09:15:30', customer_segment: 'High Value' });
    expect(await systemConnection.row('select segment_name, segment_rules from db.main.customer_segments')).toEqual({
      segment_name: 'High Value Active',
      segment_rules: 'total_spent > 1000 AND session_count > 10',
    });
  });
});

describe('queries of the documents', () => {
  test.each([
    [
      String.raw`curl -X GET "https://api.europe-west2.gcp.tinybird.co/v0/pipes/user_usage.json?token=$TB_ADMIN_TOKEN&amp;user_id=user789&amp;start_date=2024-01-01 00:00:00&amp;end_date=2024-01-31 23:59:59&amp;limit=10"`,
      { user_id: 'user789', total_sessions: 1, total_energy_consumed: 15.5, total_amount_spent: 10 },
    ],
    [
      String.raw`curl -X GET "https://api.europe-west2.gcp.tinybird.co/v0/pipes/get_sessions.json?token=$TB_ADMIN_TOKEN&amp;station_id=station456&amp;user_id=user789&amp;start_date=2024-01-01 00:00:00&amp;end_date=2024-01-31 23:59:59&amp;limit=10"`,
      { session_id: 'session123', station_id: 'station456', user_id: 'user789' },
    ],
    [
      String.raw`curl -X GET "https://api.europe-west2.gcp.tinybird.co/v0/pipes/station_analytics.json?token=$TB_ADMIN_TOKEN&amp;location=Main Street&amp;start_date=2024-01-01 00:00:00&amp;end_date=2024-01-31 23:59:59&amp;limit=10"`,
      { station_id: 'station456', location: 'Main Street', total_sessions: 1, total_revenue: 10 },
    ],
  ])('with &amp; as in HTML source: %s', async (command, row) => {
    expect(await data(withoutBlanks(command))).toEqual([expect.objectContaining(row)]);
    expect(await data(withoutBlanks(command).replaceAll('&amp;', '&'))).toEqual([expect.objectContaining(row)]);
  });

  test.each([
    [
      String.raw`curl -X GET "https://api.europe-west2.gcp.tinybird.co/v0/pipes/customer_purchase_history.json?customer_id=cust-789&start_date=2023-01-01%2000:00:00&end_date=2023-12-31%2023:59:59&token=$TB_ADMIN_TOKEN"`,
      [{ event_id: 'ev-12345', price: 49.99, quantity: 1, total_amount: 49.99, running_total: 49.99 }],
    ],
    [
      String.raw`curl -X GET "https://api.europe-west2.gcp.tinybird.co/v0/pipes/customer_activity.json?customer_id=cust-789&event_type=page_view&token=$TB_ADMIN_TOKEN"`,
      [],
    ],
    [
      String.raw`curl -X GET "https://api.europe-west2.gcp.tinybird.co/v0/pipes/customer_segmentation_suggestions.json?token=$TB_ADMIN_TOKEN"`,
      [{ customer_id: 'cust-789' }],
    ],
    [
      String.raw`curl -X GET "https://api.europe-west2.gcp.tinybird.co/v0/pipes/customer_behavioral_analysis.json?start_date=2023-01-01%2000:00:00&end_date=2023-06-30%2023:59:59&event_type=purchase&country=US&token=$TB_ADMIN_TOKEN"`,
      [{ event_type: 'purchase', events: 1 }],
    ],
    [
      String.raw`curl -X GET "https://api.europe-west2.gcp.tinybird.co/v0/pipes/segment_customers.json?segment_name=High%20Value%20Active&country=US&min_age=25&max_age=45&min_lifetime_value=500&token=$TB_ADMIN_TOKEN"`,
      [{ customer_id: 'cust-789' }],
    ],
    [
      String.raw`curl -X GET "https://api.europe-west2.gcp.tinybird.co/v0/pipes/segment_metrics.json?country=US&token=$TB_ADMIN_TOKEN"`,
      [
        { segment_name: 'High Value', customers: 1 },
        { segment_name: 'High Value Active', customers: 0 },
      ],
    ],
  ] as [string, Record<string, unknown>[]][])('%s', async (command, rows) => {
    expect(await data(command)).toEqual(rows.map((row) => expect.objectContaining(row)));
  });
});
