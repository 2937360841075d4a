import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { FanPoint } from '../../src/charts/model/fan.ts';
import { renderFanChart, type FanOptions } from '../../src/charts/terminal/fan.ts';
import { runs } from '../support/runs.ts';

const dayOf = (at: number): string => new Date(Date.UTC(2025, 0, 1 + at)).toISOString().slice(0, 10);

/** Days from 2025-01-01: history, then forecasts as [value, low, high]. */
const days = (
  history: readonly (number | null)[],
  future: readonly (readonly [number, number, number])[] = [],
): FanPoint[] => [
  ...history.map((actual, at) => ({ day: dayOf(at), actual, value: null, low: null, high: null })),
  ...future.map(([value, low, high], at) => ({ day: dayOf(history.length + at), actual: null, value, low, high })),
];

const draw = (points: readonly FanPoint[], look: Partial<FanOptions> = {}): string[] =>
  renderFanChart(points, { width: 20, height: 5, colour: false, ...look }).split('\n');

describe('small charts', () => {
  test('history, forecast and band, with three columns per day', () => {
    // Steps of 50 are two rows each. 16 columns: nine of history, its end, six of the forecast.
    expect(
      draw(
        days(
          [0, 50, 100],
          [
            [100, 50, 100],
            [50, 0, 100],
          ],
        ),
        { title: 'Revenue', unit: 'EUR', interval: '80 % interval' },
      ),
    ).toEqual([
      'Revenue (EUR)',
      '100┤      ╭──┆━━━┓░░',
      '   │      │  ┆░░░┃░░',
      ' 50┤   ╭──╯  ┆░░░┗━━',
      '   │   │     ┆   ░░░',
      '  0┤───╯     ┆   ░░░',
      '   └─────────┬──────',
      '        2025-01-04',
      '─ actual  ━ forecast',
      '░ 80 % interval',
      '┆ history ends',
    ]);
  });

  test('a column shows the mean of its days', () => {
    // 44 days in 22 columns; each column has a day of 0 and one of 4.
    expect(draw(days(Array.from({ length: 44 }, (_, at) => (at % 2) * 4)), { width: 24, height: 3 })).toEqual([
      `2┤${'─'.repeat(22)}`,
      '1┤',
      '0┤',
      ` └┬${'─'.repeat(20)}┬`,
      '2025-01-01    2025-02-13',
      '─ actual',
      'column: mean of 2 days',
    ]);
  });

  test('a gap is kept, and the band shows mean bounds', () => {
    // Three days of history and three forecast days on 17 columns: 9 and 8.
    expect(
      draw(
        days(
          [1, null, 1],
          [
            [1, 0, 2],
            [1, 0, 2],
            [1, 0, 2],
          ],
        ),
        { height: 3 },
      ).slice(0, 3),
    ).toEqual(['2┤         ┆░░░░░░░░', '1┤───   ───┆━━━━━━━━', '0┤         ┆░░░░░░░░']);
  });

  test('negative values', () => {
    expect(draw(days([-1, 1]), { height: 3 }).slice(0, 3)).toEqual([' 1┤   ╭──', ' 0┤   │', '-1┤───╯']);
  });
});

test('columns of more than two days show whole weeks, without a zigzag of weekdays', () => {
  // 0 to 6 over each week is 3 on average; 70 days on 22 columns.
  const lines = draw(days(Array.from({ length: 70 }, (_, at) => at % 7)), { width: 24, height: 4 });
  expect(lines[0]).toBe(`3┤${'─'.repeat(22)}`);
  expect(lines.at(-1)).toBe('column: mean of 7 days');
});

test('an incomplete week is the first of the history and the last of the forecast', () => {
  // 1 + 7 + 7 days on 7 columns, 7 + 7 + 2 on 8: 31 days are more than two per column.
  const lines = draw(
    days(
      [1000, ...Array<number>(14).fill(0)],
      [...Array<[number, number, number]>(14).fill([0, 0, 0]), [1000, 0, 1000], [1000, 0, 1000]],
    ),
    { height: 3 },
  );
  expect(lines.slice(0, 3)).toEqual([' 1k┤───╮   ┆      ┏━', '500┤   │   ┆      ┃░', '  0┤   ╰───┆━━━━━━┛░']);
});

test('a single day keeps its column', () => {
  const [one, many] = [[[2, 2, 2] as const], Array<[number, number, number]>(200).fill([2, 2, 2])];
  expect(draw(days([2], many), { height: 3 })[0]).toBe(`2┤─┆${'━'.repeat(16)}`);
  expect(draw(days(Array<number>(200).fill(2), one), { height: 3 })[0]).toBe(`2┤${'─'.repeat(16)}┆━`);
});

test('rounding errors of a sum do not change labels', () => {
  // 0.1 + 0.2 is slightly more than 0.3.
  expect(draw(days([0, 0.1 + 0.2]), { height: 4 }).slice(0, 4)).toEqual([
    '0.3┤   ╭──',
    '0.2┤   │',
    '0.1┤   │',
    '  0┤───╯',
  ]);
  expect(draw(days([0, -0.1 - 0.2]), { height: 4 }).slice(0, 4)).toEqual([
    '   0┤───╮',
    '-0.1┤   │',
    '-0.2┤   │',
    '-0.3┤   ╰──',
  ]);
});

test.each<[string, (number | null)[], highest: string, lowest: string]>([
  ['all zeros', [0, 0, 0], '  1┤', '  0┤─────────'],
  ['one day', [7], ' │───', '0┤'],
  ['one value again and again', [100, 100], '100┤──────', '  0┤'],
  ['huge values', [1e9, 2e9], '  2B┤   ╭──', '   0┤'],
  ['tiny values', [0.001, 0.002], ' 0.002┤   ╭──', '     0┤'],
  ['all but endless values', [5e299, 1e200], '5E299┤───╮', '    0┤   ╰──'],
  ['next to nothing', [5e-324, 0], '  1┤', '  0┤──────'],
  ['thousands', [1500, 3000], '3k┤   ╭──', ' 0┤'],
  ['nothing known', [null, null], '  1┤', '  0┤'],
  ['far from zero', [1000, 1010], ' 1.01k┤   ╭──', '    1k┤───╯'],
])('%s', (_, history, highest, lowest) => {
  const lines = draw(days(history), { height: 16, width: 40 });
  expect([lines[0], lines[lines.findIndex((line) => line.includes('└')) - 1]]).toEqual([highest, lowest]);
});

test('an empty chart is an empty string', () => {
  expect(renderFanChart([], { width: 80, colour: true })).toBe('');
});

test('a forecast without history has no mark for its end', () => {
  expect(
    draw(
      days(
        [],
        [
          [1, 0, 2],
          [1, 0, 2],
        ],
      ),
      { height: 3 },
    ),
  ).toEqual(['2┤░░░░░░', '1┤━━━━━━', '0┤░░░░░░', ' └┬─────', '2025-01-01', '━ forecast', '░ interval']);
});

test('dates mark the end of history, both ends and first days of months, as far as they fit', () => {
  const lines = draw(days(Array<number>(45).fill(2), Array<[number, number, number]>(45).fill([2, 2, 2])), {
    height: 3,
    width: 93,
  });
  // One column per day: history ends at the 46th; 2025-02-01 is the 32nd day, 2025-03-01 the 60th.
  const dates = lines[4]!;
  const middle = (day: string): number => dates.indexOf(day) + 5 - 2;
  expect(dates.trim().split(/ +/)).toEqual(['2025-01-01', '2025-02-01', '2025-02-15', '2025-03-01', '2025-03-31']);
  expect([middle('2025-02-01'), middle('2025-02-15'), middle('2025-03-01')]).toEqual([31, 45, 60]);
  expect([...lines[3]!].flatMap((sign, at) => (sign === '┬' ? [at - 2] : []))).toEqual([0, 31, 45, 60, 90]);
});

test('colours do not change characters', () => {
  const points = days(
    [3, 1, 2, 5],
    [
      [4, 2, 7],
      [5, 1, 9],
    ],
  );
  const coloured = renderFanChart(points, { width: 60, colour: true, title: 'Sessions' });
  expect(stripVTControlCharacters(coloured)).toBe(
    renderFanChart(points, { width: 60, colour: false, title: 'Sessions' }),
  );
  expect(coloured).toContain('\u001b[36m─');
  expect(coloured).toContain('\u001b[33m━');
  expect(coloured).toContain('\u001b[34m░');
});

const value = fc.option(
  fc.oneof(
    fc.double(),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.integer({ min: 0, max: 5 }),
    fc.constant(-0),
  ),
  { freq: 6 },
);
const anyDays = fc
  .tuple(fc.array(value, { maxLength: 400 }), fc.array(fc.tuple(value, value, value), { maxLength: 200 }))
  .map(([history, future]) => days(history, future as [number, number, number][]));

test('for any numbers, lines fit the width and rows fit the height', () => {
  fc.assert(
    fc.property(
      anyDays,
      fc.integer({ min: 20, max: 220 }),
      fc.integer({ min: 3, max: 60 }),
      fc.string(),
      (points, width, height, interval) => {
        const lines = renderFanChart(points, {
          width,
          height,
          colour: false,
          title: 'Expected revenue of each day',
          unit: 'EUR',
          interval: interval.replaceAll(/\s+/g, ' '),
        }).split('\n');
        if (points.length === 0) return;
        expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
        const axis = lines.findIndex((line) => line.includes('└'));
        expect(lines[axis + 1]).toMatch(/^ *\d{4}-\d\d-\d\d(?: {2,}\d{4}-\d\d-\d\d)*$/);
        const rows = axis - 1;
        expect(rows).toBeGreaterThan(1);
        expect(rows).toBeLessThanOrEqual(height);
      },
    ),
    { numRuns: runs(300) },
  );
});

test('every value is within half a row of its position by the labels', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 990 }), fc.integer({ min: 3, max: 40 }), (middle, height) => {
      const lines = draw(days([0, middle, 999]), { height });
      const rows = lines.slice(
        0,
        lines.findIndex((line) => line.includes('└')),
      );
      const labels = rows.flatMap((line, at) =>
        line.includes('┤') ? [[Number(line.split('┤')[0]!.replace('1k', '1000')), at] as const] : [],
      );
      const [[high, above], [, below]] = [labels[0]!, labels.at(-1)!];
      const column = rows[0]!.search(/[┤│]/) + 6;
      const found = rows.findIndex((line) => line[column] === '─');
      expect(Math.abs(found - (below - (middle / high) * (below - above)))).toBeLessThanOrEqual(0.5 + 1e-9);
    }),
    { numRuns: runs(300) },
  );
});

test('labels are few, round and evenly spaced', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: 11, max: 24 }), (most, height) => {
      const rows = draw(days([0, most]), { height, width: 40 });
      const at = rows.flatMap((line, row) => (line.includes('┤') ? [row] : []));
      const values = at
        .map((row) => Number(rows[row]!.split('┤')[0]!.replace('k', '')) * (rows[row]!.includes('k') ? 1000 : 1))
        .toReversed();
      expect(values.length).toBeGreaterThanOrEqual(3);
      expect(values.length).toBeLessThanOrEqual(8);
      expect(values[1]!.toExponential()).toMatch(/^[125]e/);
      values.forEach((each, index) => expect(each).toBeCloseTo(values[1]! * index, 6));
      expect(new Set(at.slice(1).map((row, index) => row - at[index]!)).size).toBe(1);
    }),
    { numRuns: runs(300) },
  );
});
