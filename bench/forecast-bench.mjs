// Backtests forecasts of many series against repeating the last week, and measures their time: npm run bench:forecast [-- folder of real files]
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { networks } from './daily-networks.mjs';
import { buildEntry, entry } from './entry.mjs';
import { median, n, time } from './measure.mjs';
import { writeNetwork } from './network.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const real = process.argv[2] ?? '../shared/data';
const folder = mkdtempSync(join(tmpdir(), 'wattduck-bench-'));

const horizons = [30, 60, 90];
const confidences = [0.8, 0.95];
/** Days of history before the first forecast, and days between forecasts; larger for longer series. */
const fewest = 56;
const stepOf = (days) => (days < 500 ? 14 : 28);
/** Files with 300 days or more, enough for several backtests, with their time zones. */
const files = {
  'palo_alto_2011_2013_10k.csv': 'America/Los_Angeles',
  'boulder_2018_2021_newlayout.csv': 'America/Denver',
  'ail_lugano_2017.csv': 'Europe/Zurich',
  'sap_labs_france.csv': 'Europe/Paris',
  'norway_residential.csv': 'Europe/Oslo',
  'perth_kinross_2017_18.csv': 'Europe/London',
  'asensio_station_data_dataverse.csv': 'America/New_York',
};

const sum = (values) => values.reduce((all, value) => all + value, 0);

/** Daily revenue, energy and sessions of the real files, read like the reports do. */
async function realSeries({ Catalog, DuckDb, openForReading, readSeries, bind }) {
  const found = [];
  for (const [file, tz] of Object.entries(files)) {
    const path = join(real, 'charging', file);
    if (!existsSync(path)) continue;
    const database = join(folder, `${file.replaceAll(/\W/g, '_')}.duckdb`);
    wattduck(['ingest', path, '--tz', tz, '--db', database]);
    const engine = await DuckDb.open();
    const catalog = await Catalog.open(engine);
    const reports = [];
    for (const name of ['revenue_forecasts', 'energy_forecasts', 'session_forecasts'])
      reports.push(await catalog.report(name));
    await openForReading(engine, database, catalog, { tables: reports.flatMap(({ tables }) => tables) });
    const { last } = await engine.row('select max(start_time)::varchar as last from charging_sessions');
    for (const {
      name,
      forecast: { series: view },
    } of reports) {
      const { bindings } = await bind(
        engine,
        view.parameters,
        { as_of: last, tz },
        { now: new Date(), label: (name) => name },
      );
      for (const each of await readSeries(engine, view, bindings)) {
        if (each.values.some((value) => value > 0))
          found.push({ ...each, name: `${file.slice(0, 22)} ${name.split('_')[0]}` });
      }
    }
    await engine.close();
  }
  return found;
}

/** Seconds that one command takes as a process. */
const wattduck = (args) => time(process.execPath, ['bin/wattduck.js', ...args]) / 1000;

/** History and actual values of each backtest of a series. */
function pastsOf(series) {
  const days = series.values.length;
  const pasts = [];
  const step = stepOf(days);
  for (
    let known = fewest + ((((days - 90 - fewest) % step) + step) % step);
    known + horizons[0] <= days;
    known += step
  ) {
    pasts.push({
      known: { ...series, values: series.values.slice(0, known), active: series.active.slice(0, known) },
      came: horizons.map((horizon) =>
        known + horizon <= days ? sum(series.values.slice(known, known + horizon)) : undefined,
      ),
      naive: horizons.map((horizon) =>
        sum(Array.from({ length: horizon }, (_, day) => series.values[known - 7 + (day % 7)])),
      ),
    });
  }
  return pasts;
}

/** Errors by horizon, and how often the actual value was within each interval. */
async function judge(series, forecastAll) {
  const pasts = pastsOf(series);
  const [errors, naive, held] = [horizons.map(() => 0), horizons.map(() => 0), confidences.map(() => 0)];
  let all = 0;
  const found = [];
  for (const confidence of confidences)
    found.push(
      await forecastAll(
        pasts.map(({ known }) => known),
        { horizons, confidence },
        () => undefined,
      ),
    );
  for (const [at, past] of pasts.entries()) {
    for (const [which, came] of past.came.entries()) {
      if (came === undefined) continue;
      errors[which] += Math.abs(came - found[0][at].totals[which].value);
      naive[which] += Math.abs(came - past.naive[which]);
      all += 1;
      for (const [level, forecasts] of found.entries()) {
        const { low, high } = forecasts[at].totals[which];
        // Tolerance for the rounding of sums.
        if (came >= low * (1 - 1e-9) && came <= high * (1 + 1e-9)) held[level] += 1;
      }
    }
  }
  return {
    name: series.name,
    days: series.values.length,
    pasts: pasts.length,
    ratios: horizons.map((_, which) => errors[which] / naive[which]),
    held,
    all,
  };
}

const percent = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`.padStart(7);
const ratio = (value) => (Number.isFinite(value) ? value.toFixed(2) : '–').padStart(7);
const cover = (each) => confidences.map((_, level) => percent(each.held[level], each.all)).join('  ');

function printAccuracy(what, judged) {
  const together = {
    held: confidences.map((_, level) => sum(judged.map(({ held }) => held[level]))),
    all: sum(judged.map(({ all }) => all)),
  };
  console.log(
    `${what.padEnd(36)}                       ${horizons.map(() => ''.padStart(7)).join(' ')}  ${cover(together)}`,
  );
  const of = (pick) =>
    horizons
      .map((_, which) => ratio(pick(judged.map(({ ratios }) => ratios[which]).filter(Number.isFinite))))
      .join(' ');
  console.log(`${'  median of the series'.padEnd(58)} ${of(median)}`);
  console.log(`${'  highest of the series'.padEnd(58)} ${of((ratios) => Math.max(...ratios))}`);
}

/** Times commands: one series of five years, and a network by charge point. */
async function printTimes() {
  const days = Array.from({ length: 1826 }, (_, day) =>
    new Date(Date.parse('2020-01-01') + day * 86_400_000).toISOString().slice(0, 10),
  );
  const rows = days.map(
    (day, at) =>
      `s${at},cp_1,${day}T10:00:00Z,${day}T11:00:00Z,20,${(100 + 30 * Math.sin(at / 58) + (at % 7) * 8).toFixed(2)}`,
  );
  const file = join(folder, 'five-years.csv');
  writeFileSync(file, `session_id,station_id,start_time,end_time,energy_kwh,amount_paid\n${rows.join('\n')}\n`);
  const [one, many] = [join(folder, 'one.duckdb'), join(folder, 'many.duckdb')];
  wattduck(['ingest', file, '--db', one]);
  wattduck(['ingest', ...(await writeNetwork(1_000_000, (name) => join(folder, name))), '--db', many]);
  const seconds = (database, ...more) =>
    median(
      [1, 2, 3].map(() =>
        wattduck(['report', 'revenue-forecasts', '--as-of', '2025-01-01', '--db', database, ...more]),
      ),
    );
  console.log(
    `\none series of five years: ${seconds(one).toFixed(2)} s; 1,000,000 sessions of two years at 600 charge points, --by charge_point: ${seconds(many, '--by', 'charge_point').toFixed(1)} s`,
  );
}

try {
  await buildEntry(
    'catalog/catalog',
    'forecast/forecast-all',
    'warehouse/binder',
    'warehouse/database',
    'warehouse/duckdb',
    'reports/forecast-report',
  );
  const inner = await import('../dist/bench-entry.js');
  const kinds = { 'real series': await realSeries(inner), 'generated networks': networks(30, 9001) };
  console.log(
    `${'error / that of repeating the last week'.padEnd(40)} ${'days'.padStart(6)} ${'forecasts'.padStart(10)} ${horizons.map((days) => `${days} d`.padStart(7)).join(' ')}  ${confidences.map((share) => `${100 * share} %`.padStart(7)).join('  ')}`,
  );
  const judged = {};
  for (const [kind, all] of Object.entries(kinds)) {
    judged[kind] = [];
    for (const series of all) {
      const each = await judge(series, inner.forecastAll);
      judged[kind].push(each);
      console.log(
        `${each.name.padEnd(40)} ${n(each.days).padStart(6)} ${n(each.pasts).padStart(10)} ${each.ratios.map(ratio).join(' ')}  ${cover(each)}`,
      );
    }
  }
  console.log();
  for (const [kind, all] of Object.entries(judged)) if (all.length > 0) printAccuracy(kind, all);
  printAccuracy('all together', Object.values(judged).flat());
  await printTimes();
} finally {
  rmSync(folder, { recursive: true });
  rmSync(entry, { force: true });
}
