import { expect, test } from 'vitest';
import { heading } from '../../src/render/cells.ts';

test.each([
  ['energy_kwh', 'kWh', 'energy (kWh)'],
  ['total_energy_consumed', 'kWh', 'total energy consumed (kWh)'],
  ['energy_kwh_before', 'kWh', 'energy before (kWh)'],
  ['max_power_kw', 'kW', 'max power (kW)'],
  ['kwh', 'kWh', 'kwh'],
  ['revenue', 'currency', 'revenue (EUR)'],
  ['revenue_eur', 'currency', 'revenue (EUR)'],
  ['total_minutes', 'minutes', 'total minutes'],
  ['duration', 'minutes', 'duration (min)'],
  ['change', 'percent', 'change (%)'],
  ['uptime_percent', 'percent', 'uptime percent'],
  ['horizon_days', 'days', 'horizon days'],
  ['sessions', 'count', 'sessions'],
  ['energy_kwh_change', 'share', 'energy change'],
  ['share_of_total', 'share', 'share of total'],
  ['name', undefined, 'name'],
])('%s in %s is %s', (name, unit, expected) => {
  expect(heading({ name, type: 'DOUBLE', ...(unit === undefined ? {} : { unit }) }, 'EUR')).toBe(expected);
});

test('amounts in several currencies have none', () => {
  expect(heading({ name: 'revenue', type: 'DOUBLE', unit: 'currency' }, undefined)).toBe('revenue');
});
