import type { StripChart } from '../../catalog/definitions.ts';
import { formatDate } from '../dates.ts';
import type { GridModel } from '../model/grid.ts';
import { levelTexts, type Level } from '../model/level.ts';
import { labelColumn, maxWidth, wrapItems, type Screen } from './layout.ts';

const shades = [' ', '░', '▒', '▓', '█'];
const noValue = '·';
/** Maximum columns of a cell. */
const maxCell = 4;

/** Cells of a row in groups that fit the screen. */
interface GridLayout {
  labels: string[];
  /** Columns of the screen per group. */
  cell: number;
  /** Columns of the grid per group. */
  size: number;
  groups: number;
}

function layoutOf({ rows, columns }: GridModel, { width }: Screen): GridLayout {
  const names = rows.map(({ label }) => label);
  const minAvailable = Math.max(1, width - Math.min(maxWidth(names) + 1, Math.floor(width * 0.4)));
  const size = Math.max(1, Math.ceil(columns.length / minAvailable));
  const groups = Math.ceil(columns.length / size);
  const minCell = Math.min(maxCell, Math.max(1, Math.floor(minAvailable / groups)));
  // Labels get what the cells leave.
  const labels = labelColumn(names, width, Math.max(4, width - groups * minCell - 1)).map((label) =>
    label === '' ? '' : `${label} `,
  );
  const available = Math.max(1, width - maxWidth(labels));
  return { labels, size, groups, cell: Math.min(maxCell, Math.max(1, Math.floor(available / groups))) };
}

/** Shades from the lowest value, or zero, to the highest one. */
export function renderHeatmap(model: GridModel, screen: Screen): string[] {
  const { measure, rows } = model;
  const { width, chalk } = screen;
  const layout = layoutOf(model, screen);
  const grouped = rows.map(({ cells }) => {
    const groups = Array.from({ length: layout.groups }, (): number[] => []);
    for (const { column, value } of cells) if (value !== null) groups[Math.floor(column / layout.size)]!.push(value);
    return groups.map((values) =>
      values.length === 0 ? null : values.reduce((sum, value) => sum + value / values.length, 0),
    );
  });
  const known = grouped.flat().filter((value) => value !== null);
  const [min, max] = [known.reduce((a, b) => Math.min(a, b), 0), known.reduce((a, b) => Math.max(a, b), 0)];
  const shadeOf = (value: number): string => shades[max === min ? 0 : Math.ceil(((value - min) / (max - min)) * 4)]!;
  const bound = (at: number): string => measure.formatBound(min + ((max - min) * at) / 4);
  const hasGaps = grouped.some((values) => values.includes(null));
  return [
    ...grouped.map((values, at) => {
      const text = values
        .map((value) => (value === null ? noValue.padEnd(layout.cell) : shadeOf(value).repeat(layout.cell)))
        .join('');
      return `${layout.labels[at]!}${chalk.cyan(text)}`.trimEnd();
    }),
    chalk.dim(columnLabels(model, layout)),
    ...wrapItems(
      [
        `blank ${bound(0)}`,
        ...(max === min ? [] : shades.slice(1).map((sign, at) => `${sign} to ${bound(at + 1)}`)),
        ...(hasGaps ? [`${noValue} no value`] : []),
        ...(layout.size > 1 ? [`column: mean of ${layout.size}`] : []),
      ],
      width,
    ),
  ];
}

const levelSigns: Record<Level, string> = { good: '█', warn: '▄', bad: '▁' };
const severity: readonly Level[] = ['good', 'warn', 'bad'];

/** A sign per date by its level; the height says it without colour. */
export function renderStrip(model: GridModel, chart: StripChart, screen: Screen): string[] {
  const { width, chalk } = screen;
  const layout = layoutOf(model, screen);
  const paint = { good: chalk.cyan, warn: chalk.yellow, bad: chalk.red };
  const grouped = model.rows.map(({ cells }) => {
    const groups = Array.from({ length: layout.groups }, (): Level | undefined => undefined);
    for (const { column, level } of cells) {
      const at = Math.floor(column / layout.size);
      const worst = groups[at];
      if (level !== undefined && (worst === undefined || severity.indexOf(level) > severity.indexOf(worst)))
        groups[at] = level;
    }
    return groups;
  });
  const found = new Set(grouped.flat());
  const texts = levelTexts(chart, model.measure);
  return [
    ...grouped.map((levels, at) => {
      const text = levels.map((level) =>
        level === undefined
          ? noValue.padEnd(layout.cell)
          : paint[level](levelSigns[level].repeat(Math.max(1, layout.cell - 1)) + (layout.cell > 1 ? ' ' : '')),
      );
      return `${layout.labels[at]!}${text.join('')}`.trimEnd();
    }),
    chalk.dim(columnLabels(model, layout)),
    ...wrapItems(
      [
        ...severity.flatMap((level) =>
          texts !== undefined && found.has(level) ? [`${levelSigns[level]} ${texts[level]}`] : [],
        ),
        ...(found.has(undefined) ? [`${noValue} no value`] : []),
        ...(layout.size > 1 ? [`column: worst of ${layout.size}`] : []),
      ],
      width,
    ),
  ];
}

/** Labels of the columns, as many as fit: of dates both ends and first days of months, of others every nth. */
function columnLabels(model: GridModel, { labels, cell, size, groups }: GridLayout): string {
  const left = maxWidth(labels);
  const names = model.columns;
  const end = left + groups * cell;
  const marks: (readonly [column: number, text: string, isEnd?: boolean])[] = model.isTime
    ? [
        [0, formatDate(model.dates[0]!)],
        [names.length - 1, formatDate(model.dates.at(-1)!), true],
        ...model.dates.flatMap((ms, at) =>
          new Date(ms).getUTCDate() === 1 ? [[at, formatDate(ms).slice(0, 10)] as const] : [],
        ),
      ]
    : everyNth(names, Math.max(1, Math.ceil((maxWidth(names) + 1) / (cell / size)))).map(
        (at) => [at, names[at]!] as const,
      );
  let line = ' '.repeat(end);
  for (const [column, text, isEnd] of marks) {
    const start = left + Math.floor(column / size) * cell;
    const at = isEnd ? Math.max(0, end - text.length) : start;
    if (at + text.length > Math.max(end, left + text.length)) continue;
    if (line.slice(Math.max(0, at - 1), at + text.length + 1).trim()) continue;
    line = line.padEnd(at).slice(0, at) + text + line.slice(at + text.length);
  }
  return line.trimEnd();
}

/** Indices of every nth item; for hours, of a step that divides the day. */
function everyNth(items: readonly string[], step: number): number[] {
  const round = items.length === 24 ? ([1, 2, 3, 4, 6, 12].find((each) => each >= step) ?? 12) : step;
  return [...items.keys()].filter((at) => at % round === 0);
}
