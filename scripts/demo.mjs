// Demo on the fixtures: imports all files into a new database and runs some reports.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const database = 'demo.duckdb';
for (const file of [database, `${database}.wal`]) rmSync(file, { force: true });

const tour = [
  ['Import all exports of a network: sessions, stations, events, customers', 'ingest', 'fixtures'],
  [
    'Which files were imported?',
    'ingests',
    '--columns',
    'file,source,rows_read,rows_new,rows_quarantined',
    '--limit',
    '6',
  ],
  ['Which rows were rejected, and why?', 'quarantine', 'list', '--limit', '6'],
  [
    'Which stations earn the most?',
    'report',
    'station-analytics',
    '--currency',
    'EUR',
    '--start-date',
    '2025-01-01',
    '--limit',
    '8',
  ],
  [
    'Who charges the most?',
    'report',
    'user-usage',
    '--currency',
    'EUR',
    '--sort',
    '-total_energy_consumed',
    '--limit',
    '6',
  ],
  [
    'When does load peak, in Berlin time?',
    'report',
    'energy-by-time-of-day',
    '--from',
    '2025-01-01',
    '--to',
    '2025-12-31',
    '--tz',
    'Europe/Berlin',
  ],
  ['Which issues are open?', 'issues', '--as-of', '2026-01-01', '--status', 'open', '--limit', '6'],
  ['How healthy is the network, and why?', 'report', 'health-score', '--as-of', '2026-01-01', '--explain'],
  ['What is happening at one charge point?', 'report', 'live-status', 'cp_013', '--as-of', '2026-01-01'],
  [
    'How often were the charge points available, by the US rule?',
    'report',
    'uptime-report',
    '--definition',
    'nevi',
    '--as-of',
    '2026-01-01',
    '--limit',
    '5',
  ],
  [
    'How much energy was delivered each month?',
    'report',
    'energy-trends',
    '--granularity',
    'month',
    '--from',
    '2025-07-01',
  ],
  [
    'What will the next three months bring?',
    'report',
    'revenue-forecasts',
    '--currency',
    'EUR',
    '--as-of',
    '2026-01-01',
  ],
  [
    'The same forecast as a chart, after its history',
    'report',
    'revenue-forecasts',
    '--currency',
    'EUR',
    '--as-of',
    '2026-01-01',
    '--chart',
  ],
  ['The last sessions of one station', 'report', 'get-sessions', '--station-id', 'cp_015', '--limit', '5'],
  [
    'The largest charging events of a site in December',
    'report',
    'charging-events',
    'site_07',
    '--from',
    '2025-12-01',
    '--to',
    '2025-12-31',
    '--sort',
    'energy_consumed',
    '--take',
    '5',
  ],
  ['How do customer segments compare?', 'report', 'segment-metrics', '--as-of', '2026-01-01'],
  [
    'Your own question, in SQL',
    'sql',
    'select location, round(sum(energy_kwh)) as kwh from charging_sessions group by all order by kwh desc limit 5',
  ],
];

for (const [title, ...args] of tour) {
  const shown = args.map((arg) => (/\s/.test(arg) ? `"${arg}"` : arg)).join(' ');
  process.stdout.write(`\n# ${title}\n$ wattduck ${shown}\n`);
  const { status } = spawnSync(process.execPath, ['bin/wattduck.js', ...args, '--db', database], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
process.stdout.write(
  `\nThe data is in ${database}: ./bin/wattduck.js report --db ${database} lists the reports, ./bin/wattduck.js serve --db ${database} serves them over HTTP.\n`,
);
