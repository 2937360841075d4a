import { expect, test } from 'vitest';
import { dataSets, startInProcessServer } from '../support/in-process-server.ts';

const { app, stderrText } = await startInProcessServer({ files: dataSets('fleet') });
const reach = '/api/v1/status';
const ask = async (path: string): Promise<Record<string, unknown>> => {
  const { statusCode, json } = await app.inject(`${reach}/${path}`);
  expect([path, statusCode]).toEqual([path, 200]);
  return json() as Record<string, unknown>;
};
const isInstant = (value: unknown): boolean =>
  value === null || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(String(value));
const chargers = (
  (await app.inject('/v0/pipes/energy_by_charge_point.json?from=2000-01-01')).json() as {
    data: { charge_point_id: string }[];
  }
).data.map(({ charge_point_id: id }) => id);

test.each(chargers)("of %s the documents' keys are answered, in their order", async (id) => {
  const at = `charge-points/${encodeURIComponent(id)}`;
  const live = await ask(`${at}/live-status`);
  expect(Object.keys(live).slice(0, 3)).toEqual(['charge_point_id', 'online', 'connectors']);
  expect(live['charge_point_id']).toBe(id);
  for (const connector of live['connectors'] as object[])
    expect(Object.keys(connector).slice(0, 5)).toEqual([
      'connector_id',
      'status',
      'session_id',
      'energy_kwh',
      'power_kw',
    ]);
  const connection = await ask(`${at}/connection-health`);
  expect(Object.keys(connection).slice(0, 5)).toEqual([
    'charge_point_id',
    'uptime_percent_24h',
    'disconnection_count_24h',
    'last_connected_at',
    'last_disconnected_at',
  ]);
  expect([connection['last_connected_at'], connection['last_disconnected_at']].map(isInstant)).toEqual([true, true]);
  const heartbeat = await ask(`${at}/heartbeat-status`);
  expect(Object.keys(heartbeat).slice(0, 4)).toEqual([
    'charge_point_id',
    'last_heartbeat_at',
    'heartbeat_interval_seconds',
    'status',
  ]);
  expect(isInstant(heartbeat['last_heartbeat_at'])).toBe(true);
});

test('the connectors of a project are counted by the four states of the document', async () => {
  const sites = (
    (await app.inject('/v0/pipes/energy_by_project.json?from=2000-01-01')).json() as {
      data: { project_id: string | null }[];
    }
  ).data.flatMap(({ project_id: id }) => id ?? []);
  expect(sites.length).toBeGreaterThan(0);
  for (const id of sites) {
    const overview = await ask(`projects/${encodeURIComponent(id)}/status-overview`);
    expect(Object.keys(overview).slice(0, 6)).toEqual([
      'project_id',
      'project_name',
      'charge_points_total',
      'charge_points_online',
      'connectors',
      'updated_at',
    ]);
    expect(Object.keys(overview['connectors'] as object).slice(0, 4)).toEqual([
      'available',
      'charging',
      'faulted',
      'unavailable',
    ]);
    expect(isInstant(overview['updated_at'])).toBe(true);
  }
});

test('no unexpected errors occurred', () => expect(stderrText()).toBe(''));
