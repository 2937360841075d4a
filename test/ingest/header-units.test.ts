import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectFormat } from '../../src/ingest/detect-format.ts';
import { parseHeaderUnit } from '../../src/text/header-units.ts';
import { engineDatabase } from '../support/engine-database.ts';
import { runs } from '../support/runs.ts';

const { catalog, content, empty, rows } = await engineDatabase();
const sources = await catalog.sources();

/** Imports a text and returns the given columns of the only row. */
async function row(text: string, columns: string, source = 'charging_sessions', type = 'csv'): Promise<unknown[]> {
  await empty(source);
  await content(`file.${type}`, text, { source });
  return (await rows(`select (${columns})::varchar from ${source}`)).flat();
}
const session = (header: string, value: string): string =>
  `session_id,station_id,start_time,${header}\ns1,c,2024-03-05 10:00:00,${value}\n`;

test.each([
  ['Energy (Wh)', '12500', '12.5'],
  ['Energy [Wh]', '12500', '12.5'],
  ['ENERGY (wh)', '12500', '12.5'],
  ['Energy (KWH)', '12.5', '12.5'],
  ['Energy (MWh)', '0.5', '500.0'],
  ['energy_wh', '12500', '12.5'],
  ['energyWh', '12500', '12.5'],
  ['Total Energy Wh', '12500', '12.5'],
  ['Energy consumed (Wh)', '12500.0', '12.5'],
  ['Energy (Wh)', '12.5 kWh', '12.5'],
  ['Energy (Wh)', '1.25e4', '12.5'],
  ['Energy (Wh)', '', null],
])('%s of %s is %s kWh', async (header, value, expected) => {
  expect(await row(session(header, value), 'energy_kwh::double')).toEqual([expected]);
});

test.each([
  ['Meter Start (kWh)', '2.5', 'meter_start', '2500.0'],
  ['meter_stop_kwh', '2.5', 'meter_stop', '2500.0'],
  ['Meter Stop (Wh)', '2500', 'meter_stop', '2500.0'],
  ['Start SoC (%)', '80', 'start_soc', '80.0'],
  ['SoC start (%)', '80', 'start_soc', '80.0'],
])('%s of %s is %s %s', async (header, value, column, expected) => {
  expect(await row(session(header, value), column)).toEqual([expected]);
});

test('power in watts', async () => {
  expect(await row('station_id,Power [W]\nc,11000\n', 'power_kw', 'charge_points')).toEqual(['11.0']);
  expect(await row('station_id,max_power_w\nc,11000\n', 'power_kw', 'charge_points')).toEqual(['11.0']);
});

describe('a currency in the header', () => {
  test.each([
    ['Total Cost (EUR)', '4.5', '4.500000 EUR'],
    ['Cost (€)', '4.5', '4.500000 EUR'],
    ['Amount [gbp]', '4.5', '4.500000 GBP'],
    ['Cost (£)', '£4.50', '4.500000 GBP'],
    ['Price (PLN)', '4.5', '4.500000 PLN'],
    // A dollar sign stands for several currencies.
    ['Cost ($)', '4.5', '4.500000 -'],
  ])('%s is the currency of the amounts', async (header, value, expected) => {
    expect(await row(session(header, value), "amount_paid || ' ' || coalesce(currency, '-')")).toEqual([expected]);
  });

  test('gives way to a column of the file', async () => {
    expect(await row(session('Cost (EUR),currency', '4.5,USD'), 'currency')).toEqual(['USD']);
    expect(await row(session('Cost (EUR),currency', '4.5,'), 'currency')).toEqual([null]);
  });

  test('is not used if the amounts are in two', async () => {
    expect(await row(session('Cost (EUR),Cost savings (USD)', '4.5,1'), 'currency')).toEqual([null]);
  });

  test('is read from JSON keys too', async () => {
    const record = {
      session_id: 's',
      station_id: 'c',
      start_time: '2024-03-05T10:00:00Z',
      'Cost (EUR)': 4.5,
      'Energy (Wh)': 12500,
    };
    expect(
      await row(JSON.stringify(record), "currency || ' ' || energy_kwh::double", 'charging_sessions', 'ndjson'),
    ).toEqual(['EUR 12.5']);
  });
});

test.each(['Energy (miles)', 'Energy (%)', 'Energy (EUR)', 'Total kWh (min)'])('%s is not energy', (header) => {
  const [detected] = detectFormat(
    sources,
    [],
    {
      format: 'csv',
      names: ['session_id', 'station_id', 'start_time', header],
      lists: new Map(),
      delimiter: ',',
      path: '',
      compression: 'uncompressed',
    },
    'f',
  );
  expect(detected!.ignored).toEqual([header]);
  expect(detected!.notes.join()).toMatch(/is not read as energy_kwh: its unit is .*, expected kWh/);
});

test('a price per kWh keeps its name', () => {
  expect(parseHeaderUnit('price_per_kwh')).toMatchObject({ unit: 'kWh', isBracketed: false });
  expect(parseHeaderUnit('Duration (min)')).toMatchObject({ base: 'duration', unit: 'minutes', kind: 'time' });
  expect(parseHeaderUnit('Show')).toBeUndefined();
});

test('energy in any unit, brackets and case is the same energy', async () => {
  const factors = { wh: 1, kwh: 1000, mwh: 1_000_000 };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<keyof typeof factors>('wh', 'kwh', 'mwh'),
      fc.constantFrom('()', '[]', '{}'),
      fc.constantFrom('Energy', 'energy delivered', 'TOTAL ENERGY', 'Energy_Consumed'),
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 1, max: 90_000 }),
      async (unit, brackets, name, upper, wattHours) => {
        const spelled = [...unit].map((letter, at) => (upper & (1 << at) ? letter.toUpperCase() : letter)).join('');
        const header = `${name} ${brackets[0]}${spelled}${brackets[1]}`;
        const text = session(header, (wattHours / factors[unit]).toFixed(6));
        expect(Number((await row(text, 'energy_kwh'))[0])).toBeCloseTo(wattHours / 1000, 2);
      },
    ),
    { numRuns: runs(25), seed: 20260106 },
  );
});
