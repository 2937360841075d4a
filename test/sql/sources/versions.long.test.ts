import { describe, expect, test } from 'vitest';
import { counts, engineDatabase } from '../../support/engine-database.ts';

const { catalog, empty, lines, rows } = await engineDatabase();

/** A minimal row of each source, and a column of it that changes. */
const smallest: [source: string, header: string, row: string, changing: string][] = [
  ['sites', 'site_id,site_name,timezone', 's1,Depot,Europe/Berlin', 'city'],
  ['charge_points', 'station_id,vendor,model', 'c1,Voltgarten,VG Post 22', 'serial_number'],
  ['connectors', 'station_id,connector_id,connector_type', 'c1,1,CCS2', 'connector_name'],
  ['tariffs', 'tariff_id,currency,price_per_kwh', 't1,EUR,0.50', 'tariff_name'],
  ['firmware_releases', 'model,version,released_at', 'VG Post 22,1.0,2024-01-01', 'notes'],
  ['charge_point_events', 'event_id,station_id,event_type,event_time', 'e1,c1,status,2024-01-01', 'status'],
  ['issues', 'issue_id,type,severity,status,created_at', 'i1,faulted,low,open,2024-01-01', 'description'],
  ['billing_disputes', 'dispute_id,created_at', 'd1,2024-01-01', 'reason'],
  ['id_tags', 'id_tag,valid', '04AB,true', 'name'],
  ['customer_events', 'event_id,customer_id,event_type,event_timestamp', 'e1,cust-1,view,2024-01-01', 'page_url'],
  ['customer_profiles', 'customer_id,signup_date', 'cust-1,2024-01-01', 'city'],
  ['customer_segments', 'segment_id,segment_name', 'seg-1,Regulars', 'segment_type'],
];

test('every source except sessions and rates is listed here', async () => {
  expect(smallest.map(([source]) => source).toSorted()).toEqual(
    (await catalog.sources())
      .map(({ name }) => name)
      .filter((name) => !['charging_sessions', 'exchange_rates'].includes(name)),
  );
});

describe.each(smallest)('%s', (source, header, row, changing) => {
  const taken = async (value: string, updated?: string): Promise<string> => {
    const account = await lines(
      `${header},${changing}${updated ? ',last_updated' : ''}`,
      `${row},${value}${updated ? `,${updated}` : ''}`,
    );
    const { source: sourceName, read, quarantined, ...rest } = counts(account);
    expect([sourceName, read, quarantined]).toEqual([source, 1, 0]);
    return Object.entries(rest)
      .filter(([, n]) => n === 1)
      .map(([what]) => what)
      .join();
  };
  const stored = async (): Promise<unknown> => (await rows(`select ${changing} from ${source}`)).flat();

  test('a newer row updates, an older one does not, in any order', async () => {
    for (const [order, effects] of [
      [
        ['second', 'first', 'third'],
        ['added', 'unchanged', 'updated'],
      ],
      [
        ['third', 'second', 'first'],
        ['added', 'unchanged', 'unchanged'],
      ],
      [
        ['first', 'second', 'third'],
        ['added', 'updated', 'updated'],
      ],
    ] as const) {
      await empty(source);
      const days = { first: '2024-06-01', second: '2024-06-02', third: '2024-06-03' };
      const found: string[] = [];
      for (const each of order) found.push(await taken(each, days[each]));
      expect([order, found, await stored()]).toEqual([order, effects, ['third']]);
    }
  });

  test('without update times the last import wins, but not over a row with an update time', async () => {
    await empty(source);
    expect([await taken('first'), await taken('later'), await taken('later'), await stored()]).toEqual([
      'added',
      'updated',
      'unchanged',
      ['later'],
    ]);
    expect([await taken('dated', '2024-06-01'), await taken('undated'), await stored()]).toEqual([
      'updated',
      'unchanged',
      ['dated'],
    ]);
  });
});

test('columns missing from a file keep their values', async () => {
  await lines('station_id,vendor,model,charge_point_name', 'c9,Voltgarten,VG Post 22,Bay 9');
  await lines('station_id,vendor,model,firmware_version', 'c9,Voltgarten,VG Post 22,1.10.0');
  expect(await rows("select charge_point_name, firmware_version from charge_points where station_id = 'c9'")).toEqual([
    ['Bay 9', '1.10.0'],
  ]);
});

test('connectors are distinguished by charge point and number', async () => {
  await empty('connectors');
  expect(
    counts(
      await lines('station_id,connector_id,connector_type', 'c1,1,CCS2', 'c1,2,CCS2', 'c2,1,CCS2', 'c2,1,CHAdeMO'),
    ),
  ).toMatchObject({ added: 3, unchanged: 1 });
  expect(await rows("select connector_type from connectors where station_id = 'c2'")).toEqual([['CHAdeMO']]);
});

test('the version of an issue is the latest of its times, that of a dispute the later one', async () => {
  await lines(
    'issue_id,type,severity,status,created_at,acknowledged_at,resolved_at',
    'i7,faulted,low,resolved,2024-01-01,2024-01-02,2024-01-03',
    'i8,faulted,low,acknowledged,2024-01-01,2024-01-02,',
  );
  await lines('dispute_id,created_at,resolved_at', 'd7,2024-01-01,2024-01-05', 'd8,2024-01-01,');
  expect(
    await rows("select last_updated::date::varchar from issues where issue_id in ('i7', 'i8') order by issue_id"),
  ).toEqual([['2024-01-03'], ['2024-01-02']]);
  expect(
    await rows(
      "select last_updated::date::varchar from billing_disputes where dispute_id in ('d7', 'd8') order by dispute_id",
    ),
  ).toEqual([['2024-01-05'], ['2024-01-01']]);
});

describe('an event without an id', () => {
  test('of a charge point is recognized in any spelling', async () => {
    await empty('charge_point_events');
    const first = await lines(
      'station,event_type,event_time,connector_id,status',
      'c1,status,2024-01-01 00:00:00,1,Available',
      'c1,status,2024-01-01 00:00:00,1,Preparing',
      'c1,status,2024-01-01 00:00:00,2,Available',
      'c2,status,2024-01-01 00:00:00,1,Available',
      'c1,heartbeat,2024-01-01 00:00:00,,',
      'c1,connect,2024-01-01 00:00:00,,',
    );
    expect(counts(first)).toMatchObject({ added: 6, unchanged: 0 });
    const again = await lines(
      '{"event_time":"2024-01-01T01:00:00+01:00","charger_id":"c1","event_type":"Status","connector_id":1,"status":"Available","event_id":null}',
      '{"event_time":"2024-01-01T00:00:00Z","charger_id":"c1","event_type":"heartbeat","heartbeat_interval_seconds":300}',
    );
    expect(counts(again)).toMatchObject({ added: 0, updated: 2, quarantined: 0 });
    // The type is in another spelling now, and the heartbeat has its interval.
    expect(
      await rows(
        "select event_type, heartbeat_interval_seconds from charge_point_events where station_id = 'c1' order by all",
      ),
    ).toEqual([
      ['Status', null],
      ['connect', null],
      ['heartbeat', '300'],
      ['status', null],
      ['status', null],
    ]);
  });

  test('of a customer is recognized too', async () => {
    await empty('customer_events');
    const header = 'customer_id,event_type,event_timestamp,product_id,price,quantity';
    const file = [
      header,
      'cust-1,purchase,2024-01-01 10:00:00,p1,9.90,1',
      'cust-1,purchase,2024-01-01 10:00:00,p2,9.90,1',
      'cust-1,purchase,2024-01-01 10:00:00,p1,9.90,-1',
    ];
    expect(counts(await lines(...file))).toMatchObject({ added: 3, unchanged: 0 });
    expect(counts(await lines(...file))).toMatchObject({ added: 0, updated: 0, unchanged: 3 });
    expect(counts(await lines(header, 'cust-1,purchase,2024-01-01T10:00:00Z,p1,9.9,1'))).toMatchObject({
      added: 0,
      updated: 0,
      unchanged: 1,
    });
  });
});
