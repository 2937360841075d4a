import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { Chart, ReportColumn } from '../../src/catalog/definitions.ts';
import { chartTexts, draw } from '../../src/charts/draw.ts';
import type { Look } from '../../src/charts/look.ts';
import { renderChart } from '../../src/charts/terminal/render.ts';
import type { Row } from '../../src/warehouse/values.ts';
import { findForbidden, hostile } from '../support/hostile-text.ts';
import { runs } from '../support/runs.ts';
import { parseSvg, type SvgContents } from '../support/svg.ts';
import { charts, define } from './columns.ts';

const drawn = (chart: Chart, rows: Row[], look: Look = {}): SvgContents => parseSvg(draw(define(chart), rows, look));

/** Rows of a chart of any kind; `station` names them. */
const rowsFor = (station: string, values: readonly (number | null)[] = [3, 1, 2]): Row[] =>
  values.map((value, at) => ({
    day: `2025-01-0${at + 1}`,
    hour: at,
    station,
    station_id: `${station} ${at}`,
    reason: station,
    energy_kwh: value,
    revenue: value,
    uptime: value === null ? null : value / 10,
    sessions: value,
    forecast: value,
    low: value === null ? null : value - 1,
    high: value === null ? null : value + 1,
  }));

const columnNamed = (name: string): ReportColumn => define(charts.line).columns.find((each) => each.name === name)!;

/** The path of the line; those of axes begin at 0. */
const lineOf = (elements: SvgContents['elements']): string =>
  elements.map(({ attributes }) => attributes['d'] ?? '').find((path) => path !== '' && !path.startsWith('M0,0'))!;

/** Texts joined to fewer ones, short enough to be shown as a whole. */
const joinShort = (texts: readonly string[]): string[] =>
  texts.reduce<string[]>((joined, text) => {
    const longer = `${joined.at(-1) ?? ''}${text}`;
    return longer.length <= 120 && joined.length > 0 ? [...joined.slice(0, -1), longer] : [...joined, text];
  }, []);

const numberOf = (attributes: Record<string, string>, name: string): number => Number(attributes[name]);

describe('small charts', () => {
  test('bars are as long as their values', () => {
    const rows = [100, 50, 0, null].map((revenue, at) => ({ station: `S${at}`, station_id: `s${at}`, revenue }));
    const { tips, texts, elements } = drawn(charts.hbar, rows, { currency: 'EUR' });
    expect(tips).toEqual(['S0: 100.00 EUR', 'S1: 50.00 EUR', 'S2: 0.00 EUR', 'S3: no value']);
    expect(texts).toEqual(['S0', 'S1', 'S2', 'S3', '100.00', '50.00', '0.00', '–']);
    const widths = elements
      .filter(({ name, attributes }) => name === 'path' || (name === 'rect' && attributes['data-tip'] !== undefined))
      .map(({ attributes }) => numberOf(attributes, 'width'));
    expect(widths[1]! / widths[0]!).toBeCloseTo(0.5, 2);
    expect(widths[2]).toBe(0);
  });

  test('a line breaks at a day without a row, and at a row without a value', () => {
    const rows = [1, 2, null, 4].flatMap((energy, at) =>
      // 3 January has no row.
      at === 1 ? [] : [{ day: `2025-01-0${at + 2}`, energy_kwh: energy }],
    );
    const { tips, elements } = drawn(charts.line, [...rows, { day: '2025-01-06', energy_kwh: 5 }]);
    expect(tips).toEqual(['2025-01-02: 1.0 kWh', '2025-01-04: no value', '2025-01-05: 4.0 kWh', '2025-01-06: 5.0 kWh']);
    const path = lineOf(elements);
    // A lone point, then the two days side by side.
    expect(path.match(/[ML]/g)).toEqual(['M', 'M', 'L']);
    // The lone point is a dot.
    expect(elements.filter(({ attributes }) => attributes['r'] === '2.5')).toHaveLength(1);
  });

  test('all hours have a place, and a missing hour no bar', () => {
    const { tips, texts } = drawn(charts.bar, [
      { hour: 0, energy_kwh: 5 },
      { hour: 23, energy_kwh: 10 },
    ]);
    expect(tips).toEqual(['0: 5.0 kWh', '23: 10.0 kWh']);
    expect(texts).toEqual(expect.arrayContaining(['0', '11', '23']));
  });

  test('parts of a bar are stacked, and a seventh belongs to the others', () => {
    const rows = Array.from({ length: 8 }, (_, at) => ({ hour: 1, reason: `r${at}`, sessions: 8 - at }));
    const { tips, texts, description } = drawn({ ...charts.bar, y: 'sessions', series: 'reason' }, rows);
    expect(tips).toHaveLength(8);
    expect(tips[0]).toBe('1, r0: 8');
    expect(texts).toEqual(expect.arrayContaining(['r0', 'r5', 'others']));
    expect(texts).not.toContain('r6');
    expect(description).toBe('Sessions: 1 value, 36.');
  });

  test('shades of a heatmap go from the paper to the accent', () => {
    const rows = [0, 0.2, 0.4].map((uptime, hour) => ({ hour, station: 'A', station_id: 'a', uptime }));
    const { elements, texts, tips } = drawn(charts.heatmap, rows);
    const opacities = elements.flatMap(({ attributes }) =>
      attributes['data-tip'] === undefined ? [] : [numberOf(attributes, 'fill-opacity')],
    );
    expect(opacities).toEqual([0.06, 0.53, 1]);
    expect(tips[1]).toBe('A, 1: 20.0 %');
    expect(texts).toContain('0 % to 40 %');
  });

  test('cells of a strip show their level by height', () => {
    const rows = [1, 0.98, 0.5, null].map((uptime, at) => ({ day: `2025-01-0${at + 1}`, station: 'A', uptime }));
    const { elements, texts } = drawn(charts.strip, rows);
    const heights = elements.flatMap(({ attributes }) =>
      attributes['data-tip'] === undefined ? [] : [[attributes['fill'], numberOf(attributes, 'height')] as const],
    );
    expect(heights).toHaveLength(4);
    const [good, warn, bad] = heights.map(([, height]) => height) as [number, number, number];
    expect(good).toBeGreaterThan(warn);
    expect(warn).toBeGreaterThan(bad);
    expect(texts).toEqual(expect.arrayContaining(['at least 99.9 %', 'at least 97 %', 'below 97 %', 'no value']));
  });

  test('a forecast has a band, and a description of each day', () => {
    const rows: Row[] = [
      { day: '2025-01-01', energy_kwh: 5, forecast: null, low: null, high: null },
      { day: '2025-01-02', energy_kwh: null, forecast: 6, low: 4, high: 8 },
    ];
    const { tips, description, texts } = drawn(charts.fan, rows, { interval: '80 % interval' });
    expect(tips).toEqual(['2025-01-01: 5.0 kWh', '2025-01-02: forecast 6.0 kWh, 4.0 kWh to 8.0 kWh']);
    expect(texts).toEqual(expect.arrayContaining(['actual', 'forecast', '80 % interval']));
    expect(description).toBe(
      'Energy: 1 day up to 2025-01-01; forecast of 1 day, 2025-01-02: 6.0 kWh, 4.0 kWh to 8.0 kWh.',
    );
  });

  test('a figure with its change', () => {
    const compared = [
      ...define(charts.number).columns,
      { ...define(charts.number).columns[6]!, name: 'revenue_before' },
    ];
    const chart = { ...define({ ...charts.number, better: 'up' }), columns: compared };
    const text = draw(chart, [{ revenue: 110, revenue_before: 100, sessions: 2 }], { currency: 'EUR' });
    const { texts, description } = parseSvg(text);
    expect(texts).toEqual(['110.00 EUR', '▲ 10.0 %, earlier 100.00 EUR', 'Sessions 2']);
    expect(description).toBe('Revenue: 110.00 EUR, up 10.0 % from 100.00 EUR, sessions 2.');
  });

  test('a line of an earlier period is dashed', () => {
    const compared = [
      ...define(charts.line).columns,
      { ...define(charts.line).columns[5]!, name: 'energy_kwh_before' },
    ];
    const rows = [1, 2].map((value, at) => ({ day: `2025-02-0${at + 1}`, energy_kwh: value, energy_kwh_before: 3 }));
    const { tips, texts } = parseSvg(draw({ ...define(charts.line), columns: compared }, rows));
    expect(tips[0]).toBe('2025-02-01: 1.0 kWh, earlier 3.0 kWh');
    expect(texts).toContain('earlier period');
  });
});

describe.each(Object.entries(charts))('%s', (kind, chart) => {
  const rows = rowsFor('A').slice(0, kind === 'number' ? 1 : 3);

  test('a file of its own has a title, colours for light and dark, and no script', () => {
    const text = draw(define(chart), rows, { standalone: true });
    const { root, title, description, texts, tips } = parseSvg(text);
    expect(root).toMatchObject({ xmlns: 'http://www.w3.org/2000/svg', role: 'img', width: '720' });
    expect(root['font-family']).toContain('system-ui');
    expect(title).toBe('Probe');
    expect(description).toMatch(/^\w+: .*\.$/);
    expect(texts[0]).toBe('Probe');
    expect(tips).toHaveLength(rows.length);
    expect(text).toContain('@media (prefers-color-scheme:dark)');
    expect(text).not.toMatch(/<script|data-tip|https?:(?!\/\/www\.w3\.org\/2000\/svg)|@import|url\(/);
  });

  test('a fragment takes its colours from the page', () => {
    const text = draw(define(chart), rows);
    expect(text).toMatch(/^<svg /);
    expect(text).not.toMatch(/<style|aria-label/);
    expect(parseSvg(text).tips).toHaveLength(rows.length);
  });

  test('the same rows are the same bytes', () => {
    expect(draw(define(chart), rows)).toBe(draw(define(chart), rows));
  });

  test('no rows, and rows without values', () => {
    expect(parseSvg(draw(define(chart), [])).texts).toContain('No rows for this selection');
    expect(renderChart(define(chart), [], { columns: 80, colour: false })).toBe('');
    for (const standalone of [true, false]) {
      const text = draw(define(chart), rowsFor('A', kind === 'number' ? [null] : [null, null]), { standalone });
      expect(text).not.toMatch(/NaN|Infinity|undefined/);
      expect(parseSvg(text).tips).toHaveLength(kind === 'number' ? 1 : 2);
    }
  });

  test.each([
    ['one row', [1]],
    ['zeros', [0, 0]],
    ['equal values', [5, 5]],
    ['negative values', [-1, 2, -3]],
    ['huge values', [1e250, -1e299]],
    ['tiny values', [5e-324, 0]],
  ])('%s', (_, values) => {
    const own = rowsFor('A', kind === 'number' ? values.slice(0, 1) : values);
    const text = draw(define(chart), own);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
    expect(parseSvg(text).tips).toHaveLength(own.length);
    expect(renderChart(define(chart), own, { columns: 80, colour: false })).not.toMatch(/NaN|Infinity|undefined/);
  });

  const names = [
    ...joinShort(hostile),
    '<img src=x onerror=alert(1)>',
    `"'&</text><script>alert(1)</script>`,
    ']]>&amp;<!--',
    '\0\u0007\ufffe\uffff',
    'שלום עולם',
    'محطة الشحن',
    'x'.repeat(10_000),
    '漢字'.repeat(5000),
    '👩‍👩‍👧',
    ' ',
    '',
  ];

  test('hostile names leave valid XML and plain text', () => {
    for (const name of names) {
      const own = rowsFor(name).slice(0, kind === 'number' ? 1 : 3);
      const definition = { ...define(chart), title: name };
      for (const standalone of [true, false]) {
        const { elements, tips } = parseSvg(draw(definition, own, { standalone, context: [name] }));
        expect(tips).toHaveLength(own.length);
        expect(elements.map((each) => each.name)).not.toContain('script');
      }
      const text = renderChart(definition, own, { columns: 80, colour: false });
      expect(findForbidden(text.replaceAll('\n', ''))).toEqual([]);
      expect(text.length).toBeLessThan(5000);
    }
  });
});

test.each([true, false])('a name with markup is the same text in the picture (standalone: %s)', (standalone) => {
  const name = `<b> & "q" 'a' &lt;`;
  const { tips, texts } = parseSvg(draw(define(charts.hbar), rowsFor(name, [1]), { standalone }));
  expect(tips).toEqual([`${name}: 1.00`]);
  expect(texts).toContain(name);
});

test('any text in any chart is valid XML', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom(...Object.values(charts)),
      (name, chart) => {
        const rows = rowsFor(name).slice(0, chart.kind === 'number' ? 1 : 3);
        expect(() => parseSvg(draw({ ...define(chart), title: name }, rows, { standalone: true }))).not.toThrow();
      },
    ),
    { numRuns: runs(200) },
  );
});

test('any numbers leave no NaN, and a mark for each row', () => {
  const value = fc.option(fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.constant(0)));
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 9 }),
      fc.constantFrom(...Object.values(charts)),
      fc.integer({ min: 240, max: 1200 }),
      (values, chart, width) => {
        const rows = rowsFor('A', chart.kind === 'number' ? values.slice(0, 1) : values);
        const text = draw(define(chart), rows, { width });
        expect(text).not.toMatch(/NaN|Infinity|undefined/);
        expect(parseSvg(text).tips).toHaveLength(rows.length);
      },
    ),
    { numRuns: runs(300) },
  );
});

test('text fits any terminal of 40 columns and more', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'B', ' ', 'ä', '漢', '한', '–', '1'), maxLength: 60 }),
      fc.array(fc.option(fc.double({ noNaN: true, min: -1e6, max: 1e9 })), { minLength: 1, maxLength: 9 }),
      fc.constantFrom(...Object.values(charts)),
      fc.integer({ min: 40, max: 200 }),
      (name, values, chart, columns) => {
        const rows = rowsFor(name, chart.kind === 'number' ? values.slice(0, 1) : values);
        const text = renderChart({ ...define(chart), title: name }, rows, { columns, colour: false });
        for (const line of text.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      },
    ),
    { numRuns: runs(500) },
  );
});

test('a wide line of many points has no descriptions, but all points', () => {
  const rows = Array.from({ length: 500 }, (_, at) => ({
    day: new Date(Date.UTC(2024, 0, 1 + at)).toISOString().slice(0, 10),
    energy_kwh: at,
  }));
  const { tips, elements } = drawn(charts.line, rows);
  expect(tips).toEqual([]);
  expect(lineOf(elements).match(/,/g)).toHaveLength(500);
});

test('rows of the earlier period alone have no place on an axis of dates', () => {
  const compared = [
    ...define(charts.line).columns,
    ...['day', 'energy_kwh'].map((name) => ({ ...columnNamed(name), name: `${name}_before` })),
  ];
  const rows = [
    { day: '2025-02-01', day_before: '2025-01-01', energy_kwh: 1, energy_kwh_before: 3, station: 'A', uptime: 1 },
    { day: null, day_before: '2025-01-02', energy_kwh: null, energy_kwh_before: 4, station: 'A', uptime: null },
    { day: null, day_before: '2025-01-03', energy_kwh: null, energy_kwh_before: 5, station: 'A', uptime: null },
  ];
  const tipsOf = (chart: Chart): string[] => parseSvg(draw({ ...define(chart), columns: compared }, rows)).tips;
  expect(tipsOf(charts.line)).toEqual(['2025-02-01: 1.0 kWh, earlier 3.0 kWh']);
  expect(tipsOf({ ...charts.bar, x: 'day' })).toEqual(['2025-02-01: 1.0 kWh, earlier 3.0 kWh']);
  expect(tipsOf(charts.strip)).toEqual(['A, 2025-02-01: 100.0 %']);
});

test('several rows of a mark are an error with the next step', () => {
  const rows = [
    { hour: 1, energy_kwh: 1 },
    { hour: 1, energy_kwh: 2 },
  ];
  expect(() => draw(define(charts.bar), rows)).toThrow(
    expect.objectContaining({
      kind: 'usage',
      fullMessage: 'the chart has several rows for 1. Select one with a parameter of the report, or use another chart.',
    }) as Error,
  );
});

test('a picture of too many marks is an error', () => {
  const rows = Array.from({ length: 10_001 }, (_, at) => ({ hour: at, energy_kwh: at }));
  expect(() => draw(define(charts.bar), rows)).toThrow(
    expect.objectContaining({
      kind: 'usage',
      fullMessage:
        'the chart has 10,001 marks, the maximum is 10,000. Choose a shorter period, a coarser granularity or fewer rows.',
    }) as Error,
  );
});

test('a page gets the texts that a file contains', () => {
  const rows = rowsFor('A');
  const { title, description, texts } = parseSvg(draw(define(charts.bar), rows, { standalone: true }));
  expect(chartTexts(define(charts.bar), rows)).toEqual({ title, subtitle: texts[1], summary: description });
});

test('a line over names is an error', () => {
  expect(() => draw(define({ ...charts.line, x: 'station' }), [{ station: 'mobile', energy_kwh: 1 }])).toThrow(
    expect.objectContaining({
      fullMessage:
        'the chart cannot draw a line over station: "mobile" is not a date. Use another chart, or group the report by date.',
    }) as Error,
  );
});
