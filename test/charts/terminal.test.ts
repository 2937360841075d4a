import { describe, expect, test } from 'vitest';
import type { Chart } from '../../src/catalog/definitions.ts';
import type { Look } from '../../src/charts/look.ts';
import { renderChart } from '../../src/charts/terminal/render.ts';
import type { Row } from '../../src/warehouse/values.ts';
import { charts, define } from './columns.ts';

const render = (chart: Chart, rows: Row[], columns: number, look: Look = {}): string[] =>
  renderChart(define(chart), rows, { columns, colour: false, ...look }).split('\n');

test('bars are as long as their values, to an eighth of a column', () => {
  // 40 columns: 2 for the label, 6 for the value, 3 spaces; so 100.00 has 29, 50.00 14 and a half, 1.00 two eighths.
  const rows = [
    { station: 'A', station_id: 'a', revenue: 100 },
    { station: 'B', station_id: 'b', revenue: 50 },
    { station: 'Cc', station_id: 'c', revenue: 1 },
    { station: 'D', station_id: 'd', revenue: 0 },
    { station: 'E', station_id: 'e', revenue: null },
  ];
  expect(render(charts.hbar, rows, 40, { currency: 'EUR' })).toEqual([
    'Probe',
    'Revenue in EUR',
    `A  ${'█'.repeat(29)} 100.00`,
    `B  ${'█'.repeat(14)}▌ 50.00`,
    'Cc ▎ 1.00',
    'D  0.00',
    'E  –',
  ]);
});

test('labels beyond the first ones are counted', () => {
  const rows = ['A', 'B', 'C'].map((station) => ({ station, station_id: station, revenue: 1 }));
  expect(render({ ...charts.hbar, top: 2 }, rows, 40)).toEqual([
    'Probe',
    'Revenue · 2 of 3',
    `A ${'█'.repeat(32)} 1.00`,
    `B ${'█'.repeat(32)} 1.00`,
  ]);
  // Only the rows of the first labels were read.
  expect(render(charts.hbar, rows, 40, { total: 54 })[1]).toBe('Revenue · 3 of 54');
});

test('negative values are left of zero', () => {
  const rows = [
    { station: 'A', station_id: 'a', revenue: 10 },
    { station: 'B', station_id: 'b', revenue: -10 },
  ];
  // 30 columns: 1 for the label, 6 for the value, 3 spaces; 10 on each side of zero.
  expect(render(charts.hbar, rows, 30).slice(2)).toEqual([
    `A ${' '.repeat(10)}│${'█'.repeat(10)} 10.00`,
    `B ${'█'.repeat(10)}│ -10.00`,
  ]);
});

test('parts of a bar have signs of their own', () => {
  const rows = [
    { station: 'A', station_id: 'a', reason: 'x', sessions: 6 },
    { station: 'A', station_id: 'a', reason: null, sessions: 4 },
    { station: 'B', station_id: 'b', reason: 'x', sessions: 5 },
  ];
  const chart: Chart = { kind: 'hbar', x: 'station', id: ['station_id'], y: 'sessions', series: 'reason' };
  // 26 columns: 1 for the label, 2 for the value, 3 spaces; 2 columns per session.
  expect(render(chart, rows, 26)).toEqual([
    'Probe',
    'Sessions',
    `A ${'█'.repeat(12)}${'▓'.repeat(8)} 10`,
    `B ${'█'.repeat(10)} 5`,
    '█ x  ▓ (none)',
  ]);
});

test('levels have signs of their own', () => {
  const chart: Chart = { kind: 'hbar', x: 'station', y: 'uptime', levels: [0.97, 0.999] };
  const rows = [
    { station: 'A', uptime: 0.5 },
    { station: 'B', uptime: 0.98 },
    { station: 'C', uptime: 1 },
  ];
  // 31 columns: 1 for the label, 7 for the value, 3 spaces; 20 for 100 %.
  expect(render(chart, rows, 31).slice(2)).toEqual([
    `A ${'▒'.repeat(10)} 50.0 %`,
    `B ${'▓'.repeat(20)} 98.0 %`,
    `C ${'█'.repeat(20)} 100.0 %`,
    '█ at least 99.9 %',
    '▓ at least 97 %  ▒ below 97 %',
  ]);
});

test('equal names are followed by their IDs, and IDs replace missing names', () => {
  const rows = [
    { station: 'A', station_id: 'a1', revenue: 1 },
    { station: 'A', station_id: 'a2', revenue: 1 },
    { station: null, station_id: 'a3', revenue: 1 },
  ];
  expect(
    render(charts.hbar, rows, 60)
      .slice(2)
      .map((line) => line.split(/ +█/)[0]),
  ).toEqual(['A (a1)', 'A (a2)', 'a3']);
});

test('upright bars over the hours of the day; an hour without a row is a gap', () => {
  const rows = [0, 1, 2, 23].map((hour) => ({ hour, energy_kwh: hour === 2 ? null : hour === 23 ? 12 : 6 }));
  // 12 rows for 12 kWh, with a label every 2. 24 hours of three columns.
  const [high, both] = [`${' '.repeat(69)}██`, `██ ██ ${' '.repeat(63)}██`];
  expect(render(charts.bar, rows, 80)).toEqual([
    'Probe',
    'Energy in kWh',
    ...['12┤', '  │', '10┤', '  │', ' 8┤', '  │'].map((label) => label + high),
    ...[' 6┤', '  │', ' 4┤', '  │', ' 2┤', '  │'].map((label) => label + both),
    ' 0└┬─────┬─────┬─────┬─────┬─────┬─────┬─────┬─────┬─────┬─────┬─────┬─────',
    '   0     2     4     6     8    10    12    14    16    18    20    22',
  ]);
});

test('a line has gaps for days without a row', () => {
  const rows = ['2025-01-01', '2025-01-02', '2025-01-04'].map((day) => ({ day, energy_kwh: 3 }));
  // Steps of 0.5 are two rows each; a day has three columns.
  const steps = ['2.5', '  2', '1.5', '  1', '0.5', '  0'];
  expect(render(charts.line, rows, 40)).toEqual([
    'Probe',
    'Energy in kWh by day',
    '  3┤──────   ───',
    ...steps.flatMap((label) => ['   │', `${label}┤`]),
    `   └┬${'─'.repeat(11)}`,
    '2025-01-01',
  ]);
});

test('several lines share a scale', () => {
  const chart: Chart = { ...charts.line, series: 'reason' };
  const rows = [
    ...[0, 7, 14].map((energy, at) => ({ day: `2025-01-0${at + 1}`, reason: 'big', energy_kwh: energy })),
    { day: '2025-01-01', reason: 'small', energy_kwh: 2 },
    { day: '2025-01-03', reason: 'small', energy_kwh: 4 },
  ];
  // Of eight blocks for 0 to 14 kWh, 2 and 4 kWh have the second and third, 7 the fifth (3.5 rounds up).
  expect(render(chart, rows, 40)).toEqual([
    'Probe',
    'Energy in kWh by day',
    'big    ▁▅█  14.0',
    'small  ▂ ▃   4.0',
    '       2025-01-01 2025-01-03',
    'scale 0 kWh to 14 kWh',
    'last value at the right',
  ]);
});

test('shades from zero to the highest value; no value is a dot', () => {
  const rows = [
    { hour: 0, station: 'A', station_id: 'a', uptime: 0 },
    { hour: 1, station: 'A', station_id: 'a', uptime: 0.01 },
    { hour: 2, station: 'A', station_id: 'a', uptime: 0.4 },
    { hour: 3, station: 'A', station_id: 'a', uptime: null },
  ];
  // 24 columns of two: hours without a row are dots too.
  expect(render(charts.heatmap, rows, 50)).toEqual([
    'Probe',
    'Uptime in %',
    `A   ░░██${'· '.repeat(21)}`.trimEnd(),
    '  0   2   4   6   8   10  12  14  16  18  20  22',
    'blank 0 %  ░ to 10 %  ▒ to 20 %  ▓ to 30 %',
    '█ to 40 %  · no value',
  ]);
});

test('a strip has a sign for each day', () => {
  const rows = [
    { day: '2025-01-01', station: 'A', uptime: 1 },
    { day: '2025-01-02', station: 'A', uptime: 0.98 },
    { day: '2025-01-04', station: 'A', uptime: 0.1 },
    { day: '2025-01-01', station: 'Bb', uptime: 0.999 },
  ];
  // Four columns of four, three of them for the sign.
  expect(render(charts.strip, rows, 60)).toEqual([
    'Probe',
    'Uptime in %',
    'A  ███ ▄▄▄ ·   ▁▁▁',
    'Bb ███ ·   ·   ·',
    '   2025-01-01',
    '█ at least 99.9 %  ▄ at least 97 %  ▁ below 97 %  · no value',
  ]);
});

describe('a figure', () => {
  test('of one row, with further ones', () => {
    expect(render(charts.number, [{ revenue: 1234.5, sessions: 12 }], 40, { currency: 'EUR' })).toEqual([
      'Probe',
      'Revenue in EUR',
      '1,234.50 EUR',
      'sessions 12',
    ]);
  });

  test('of days is their sum, with a small line', () => {
    const rows = [1, 4, 8].map((energy, at) => ({ day: `2025-01-0${at + 1}`, energy_kwh: energy }));
    expect(render({ kind: 'number', x: 'day', value: 'energy_kwh' }, rows, 40)).toEqual([
      'Probe',
      'Energy in kWh',
      '13.0 kWh',
      '▂▅█',
      '2025-01-01 to 2025-01-03',
      'scale 0 kWh to 8 kWh',
    ]);
  });

  test('that does not add up is the last one', () => {
    const rows = [0.5, 0.25, null].map((uptime, at) => ({ day: `2025-01-0${at + 1}`, uptime }));
    expect(render({ kind: 'number', x: 'day', value: 'uptime' }, rows, 40).slice(1, 3)).toEqual([
      'Uptime in % · on 2025-01-02',
      '25.0 %',
    ]);
  });

  test('without a value', () => {
    expect(render(charts.number, [{ revenue: null, sessions: 0 }], 40)[2]).toBe('no value');
  });
});

test('colours only on request', () => {
  const rows = [{ station: 'A', station_id: 'a', revenue: 1 }];
  // oxlint-disable-next-line no-control-regex
  expect(renderChart(define(charts.hbar), rows, { columns: 40, colour: true })).toMatch(/\x1b\[36m█+\x1b\[39m/);
});
