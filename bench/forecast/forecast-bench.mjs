// Judges forecasts on real and generated series, and measures their time: npm run bench:forecast [-- folder of real files]
// Options: --holidays to use the public holidays of each network, --held-out for the networks that no choice was made on, --all for both, --generated N, --no-times
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, n, time } from '../measure.mjs';
import { writeNetwork } from '../network.mjs';
import { bootstrap, byNetwork, errorRatio, groupBy, horizons, judge } from './judge.mjs';
import { loadBaseline, loadMethod, removeBundles } from './method.mjs';
import { errorsOf, poolErrors } from './pool.mjs';
import { allSeries, isHeldOut, withHolidays } from './series.mjs';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: {
    'held-out': { type: 'boolean' },
    all: { type: 'boolean' },
    holidays: { type: 'boolean' },
    generated: { type: 'string', default: '20' },
    times: { type: 'boolean', default: true },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'wattduck-bench-'));

const fixed = (value, digits = 2) => (Number.isFinite(value) ? value.toFixed(digits) : '–').padStart(5);
const coverage = (rows, level) => byNetwork(rows, ({ ours }) => ours.held[level]);

function printGroup(name, rows) {
  if (rows.length === 0) return;
  const ofHorizon = (horizon) => rows.filter((row) => row.horizon === horizon);
  console.log(`\n${name}: ${n(rows.length)} sums of ${n(new Set(rows.map(({ network }) => network)).size)} networks`);
  for (const [level, confidence] of [80, 95].entries()) {
    const range = bootstrap(rows, (drawn) => coverage(drawn, level));
    console.log(
      `  ${confidence} % interval held           ${fixed(coverage(rows, level))} (${range.map((each) => each.toFixed(2)).join('–')}); ${horizons
        .map((horizon) => {
          const each = bootstrap(ofHorizon(horizon), (drawn) => coverage(drawn, level), 200);
          return `${horizon} days${fixed(coverage(ofHorizon(horizon), level))} (${each.map((value) => value.toFixed(2)).join('–')})`;
        })
        .join(', ')}; before${fixed(byNetwork(rows, ({ previous }) => previous.held[level]))}`,
    );
  }
  const print = (label, other) =>
    console.log(
      `  ${label}${fixed(errorRatio(rows, ({ ours }) => ours.error, other))}; ${horizons.map((horizon) => `${horizon} days${fixed(errorRatio(ofHorizon(horizon), ({ ours }) => ours.error, other))}`).join(', ')}; before${fixed(errorRatio(rows, ({ previous }) => previous.error, other))}`,
    );
  print('error / last week repeated   ', ({ lastWeek }) => lastWeek);
  print('error / 28-day mean          ', ({ plain }) => plain.error);
  print('error / a year ago           ', ({ yearAgo }) => yearAgo);
  console.log(
    `  bias                         ${fixed(
      byNetwork(rows, ({ ours }) => ours.error),
      3,
    )}; before${fixed(
      byNetwork(rows, ({ previous }) => previous.error),
      3,
    )}`,
  );
  const score = (of) => byNetwork(rows, (row) => row[of].score);
  const geometric = (of) => Math.exp(byNetworkLog(rows, of));
  console.log(
    `  interval score               ${fixed(score('ours') / score('previous'))} of before (${fixed(geometric('previous'))} as geometric mean of the networks), ${fixed(score('ours') / score('plain'))} of the 28-day mean with its own interval`,
  );
  const claims = rows.filter(({ ours }) => ours.claimed !== undefined);
  console.log(
    `  --explain                    ${fixed(byNetwork(claims, ({ ours }) => ours.claimed))} claimed,${fixed(byNetwork(claims, ({ ours }) => ours.held[0]))} true of ${n(claims.length)} sums`,
  );
}

const byNetworkLog = (rows, of) => {
  const groups = [...groupBy(rows, ({ network }) => network).values()];
  return (
    groups.reduce(
      (sum, group) =>
        sum + Math.log(byNetwork(group, ({ ours }) => ours.score) / byNetwork(group, (row) => row[of].score)),
      0,
    ) / groups.length
  );
};

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

/** Seconds that one command takes as a process. */
const wattduck = (args) => time(process.execPath, ['bin/wattduck.js', ...args]) / 1000;

try {
  const [method, baseline] = [await loadMethod(), await loadBaseline()];
  const found = await allSeries(positionals[0] ?? '../shared/data', folder, method, Number(options.generated));
  const series = options.holidays
    ? await Promise.all(found.map((each) => withHolidays(each, horizons.at(-1), method)))
    : found;
  // The committed table is of forecasts without holidays.
  const errors = found
    .filter(({ network }) => options.all || options['held-out'] || !isHeldOut(network))
    .map((each) => errorsOf(each, method));
  const judged = series.filter(
    ({ network, kind }) =>
      kind !== 'part of network' && (options.all || isHeldOut(network) === Boolean(options['held-out'])),
  );
  const rows = [];
  console.log(
    'network                           kind              sums   80 %   95 %  /28 d  /week   bias  score / before',
  );
  for (const [network, group] of groupBy(judged, (each) => each.network)) {
    // The network itself is left out of the pooled errors.
    const pooled = poolErrors(errors.filter((each) => each.network !== network));
    const judgements = group.flatMap((each) => judge(each, { method, baseline, pooled }));
    if (judgements.length === 0) continue;
    rows.push(...judgements);
    console.log(
      `${network.padEnd(33)} ${group[0].kind.padEnd(16)} ${n(judgements.length).padStart(5)}  ${[
        coverage(judgements, 0),
        coverage(judgements, 1),
        errorRatio(
          judgements,
          ({ ours }) => ours.error,
          ({ plain }) => plain.error,
        ),
        errorRatio(
          judgements,
          ({ ours }) => ours.error,
          ({ lastWeek }) => lastWeek,
        ),
        byNetwork(judgements, ({ ours }) => ours.error),
        byNetwork(judgements, ({ ours }) => ours.score) / byNetwork(judgements, ({ previous }) => previous.score),
      ]
        .map((each) => fixed(each))
        .join('  ')}`,
    );
  }
  const kinds = ['network', 'charging series', 'other demand', 'generated'];
  for (const kind of kinds)
    printGroup(
      kind,
      rows.filter((row) => row.kind === kind),
    );
  printGroup(
    'charging',
    rows.filter(({ kind }) => kind === 'network' || kind === 'charging series'),
  );
  printGroup(
    'all real',
    rows.filter(({ kind }) => kind !== 'generated'),
  );
  if (options.times) await printTimes();
} finally {
  rmSync(folder, { recursive: true });
  removeBundles();
}
process.exit(0);
