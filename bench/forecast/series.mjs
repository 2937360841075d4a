// Daily series to develop and judge forecasts on: real charging data, other real demand, and generated networks.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { networks } from './daily-networks.mjs';

const day = 86_400_000;

/** Charging files with their network, and what the importer cannot find out by itself. */
const files = {
  'palo_alto_2011_2013_10k.csv': ['palo alto', '--tz', 'America/Los_Angeles'],
  'boulder_2018_2021_newlayout.csv': ['boulder', '--tz', 'America/Denver'],
  'ail_lugano_2017.csv': ['lugano', '--tz', 'Europe/Zurich'],
  'sap_labs_france.csv': ['sap france', '--tz', 'Europe/Paris'],
  'norway_residential.csv': ['norway residential', '--tz', 'Europe/Oslo'],
  'perth_kinross_2017_18.csv': ['perth', '--tz', 'Europe/London'],
  'asensio_station_data_dataverse.csv': ['asensio', '--tz', 'America/New_York'],
  'acn_office1.json': ['acn office', '--tz', 'America/Los_Angeles'],
  'leeds/2016-h2.csv': ['leeds', '--tz', 'Europe/London', '--date-order', 'mdy'],
  'leeds/2019-h2.csv': ['leeds', '--tz', 'Europe/London', '--date-order', 'mdy'],
  'leeds/2020-q4.csv': ['leeds', '--tz', 'Europe/London', '--date-order', 'dmy'],
};
/** Countries and regions of the real networks, for their public holidays. */
const countries = {
  'palo alto': 'US-CA',
  boulder: 'US-CO',
  lugano: 'CH-TI',
  'sap france': 'FR',
  'norway residential': 'NO',
  perth: 'GB-SCT',
  asensio: 'US',
  'acn office': 'US-CA',
  leeds: 'GB-ENG',
  bike_madrid_bicimad: 'ES-MD',
  bikecount_edinburgh: 'GB-SCT',
  bikecount_seattle_broadway: 'US-WA',
  ev_charged_johannesburg: 'ZA',
  ev_charged_melbourne_city: 'AU-VIC',
  ev_electricnation_bev_hours: 'GB-ENG',
  ev_norway_bar: 'NO',
  ev_norway_bar2: 'NO',
  ev_norway_bod: 'NO',
  ev_norway_kro: 'NO',
  ev_norway_tro: 'NO',
  ev_santabarbara: 'US-CA',
  flights_uk: 'GB-ENG',
  parking_sanfrancisco_unionsquare: 'US-CA',
  traffic_newyork_bridges: 'US-NY',
  transit_madrid_metro: 'ES-MD',
  web_wikipedia_manning: 'US',
};

/** A series with the holidays of its country, if that is known. @param inner modules of src/ */
export async function withHolidays(series, leadDays, { addHolidays }) {
  const code = countries[series.network];
  return code === undefined ? series : (await addHolidays([series], code, leadDays, 'country'))[0];
}
const reports = ['revenue_forecasts', 'energy_forecasts', 'session_forecasts'];

/** Max length of a gap that is filled with the values of the week before; longer gaps split a series. */
const maxGapDays = 14;
const minDays = 90;

/** Network of a daily series, from its file name: several series of one network are judged as one. */
const networkOf = (name) => /^(ev_santabarbara|ev_charged_johannesburg|bikecount_edinburgh|[^.]+)/.exec(name)[1];

/** Networks for the final judgement, never used to choose a method: about a third, by a hash of the name. */
export const isHeldOut = (network) => createHash('sha256').update(`wattduck ${network}`).digest()[0] % 3 === 0;

/** Daily revenue, energy and sessions of the charging files, read like the reports do. @param inner modules of src/ */
async function chargingSeries(folder, temporary, { Catalog, DuckDb, openForReading, readSeries, bind }) {
  const found = [];
  for (const [file, [network, ...options]] of Object.entries(files)) {
    const path = join(folder, 'charging', file);
    if (!existsSync(path)) continue;
    const database = join(temporary, `${file.replaceAll(/\W/g, '_')}.duckdb`);
    const { status, stderr } = spawnSync(
      process.execPath,
      ['bin/wattduck.js', 'ingest', path, ...options, '--db', database],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`${file}: ${stderr}`);
    const engine = await DuckDb.open();
    const catalog = await Catalog.open(engine);
    const views = await Promise.all(reports.map((name) => catalog.report(name)));
    await openForReading(engine, database, catalog, { tables: views.flatMap(({ tables }) => tables) });
    const { last } = await engine.row('select max(start_time)::varchar as last from charging_sessions');
    for (const by of [undefined, 'project', 'charge_point']) {
      for (const { name, forecast } of views) {
        const { bindings } = await bind(
          engine,
          forecast.series.parameters,
          { as_of: last, tz: options[1], ...(by && { by }) },
          { now: new Date(), label: (parameter) => parameter },
        );
        for (const series of await readSeries(engine, forecast.series, bindings)) {
          const values = name.startsWith('revenue') && !series.values.some((value) => value > 0) ? [] : series.values;
          if (values.length < minDays || values.filter((value) => value > 0).length < 28) continue;
          const unit = name.split('_')[0];
          const label = [file.replace(/\.\w+$/, ''), by && series.name, unit].filter(Boolean).join(' ');
          found.push({ ...series, name: label, network, kind: by ? 'part of network' : 'network', unit });
        }
      }
    }
    await engine.close();
  }
  return found;
}

/** Pieces of a series of dates and values; short gaps are filled, long ones separate pieces. */
function piecesOf(rows) {
  const pieces = [];
  for (const [date, value] of rows) {
    const piece = pieces.at(-1);
    const missing = piece ? Math.round((Date.parse(date) - Date.parse(piece.firstDay)) / day) - piece.values.length : 0;
    if (!piece || missing > maxGapDays) pieces.push({ firstDay: date, values: [value] });
    else {
      for (let at = 0; at < missing; at++) piece.values.push(piece.values.at(-7) ?? piece.values.at(-1));
      piece.values.push(value);
    }
  }
  return pieces.filter(({ values }) => values.length >= minDays);
}

/** Other daily series, of one charge point each. */
function dailySeries(folder) {
  const path = join(folder, 'series');
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((file) => file.endsWith('.csv'))
    .toSorted()
    .flatMap((file) => {
      const rows = readFileSync(join(path, file), 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(','))
        .map(([date, value]) => [date, Number(value)]);
      const name = file.replace('.csv', '');
      return piecesOf(rows).map((piece) => ({
        ...piece,
        name: `${name} ${piece.firstDay}`,
        network: networkOf(name),
        kind: name.startsWith('ev_') ? 'charging series' : 'other demand',
        unit: 'value',
        active: piece.values.map(() => 1),
      }));
    });
}

/** All series that are available. Real data is read where it is, and skipped if absent. */
export async function allSeries(folder, temporary, inner, generated = 30) {
  return [
    ...(await chargingSeries(folder, temporary, inner)),
    ...dailySeries(folder),
    ...networks(generated, 9001).map((each) => ({ ...each, network: each.name, kind: 'generated', unit: 'revenue' })),
  ];
}

/** Calendar dates of forecasts within a series: the first day of each month, or of each month and its middle. */
export function originsOf({ firstDay, values }, { minDays: min, minHorizon, perMonth }) {
  const origins = [];
  for (let at = min; at + minHorizon <= values.length; at++) {
    const date = new Date(Date.parse(firstDay) + at * day).getUTCDate();
    if (date === 1 || (perMonth === 2 && date === 16)) origins.push(at);
  }
  return origins;
}
