import { suggest } from '../text/names.ts';
import type { AnswerShape, Chart, Parameter, ReportColumn } from './definitions.ts';
import { validateObject, type SqlFile } from './front-matter.ts';
import { isPlainObject } from './plain-object.ts';
import { sqlFileError } from './sql-text.ts';

/** What the charts of a report can refer to. */
interface ChartContext {
  /** Columns that the report returns. */
  columns: readonly ReportColumn[];
  key: readonly string[];
  parameters: readonly Parameter[];
  answer: AnswerShape;
}

type KeyPath = readonly (string | number)[];

type ColumnKey = 'x' | 'y' | 'value' | 'series' | 'forecast' | 'low' | 'high';

/** Columns of each kind: required and optional ones, those that must be numbers, and those that identify a mark. */
const kinds: Record<
  Chart['kind'],
  {
    required: readonly ColumnKey[];
    optional: readonly ColumnKey[];
    others: readonly string[];
    numbers: readonly ColumnKey[];
    identity: readonly (ColumnKey | 'id')[];
  }
> = {
  line: { required: ['x', 'y'], optional: ['series'], others: ['more'], numbers: ['y'], identity: ['x', 'series'] },
  bar: { required: ['x', 'y'], optional: ['series'], others: ['more'], numbers: ['y'], identity: ['x', 'series'] },
  hbar: {
    required: ['x', 'y'],
    optional: ['series'],
    others: ['id', 'more', 'top', 'levels', 'better', 'opens'],
    numbers: ['y'],
    identity: ['x', 'id', 'series'],
  },
  heatmap: {
    required: ['x', 'y', 'value'],
    optional: [],
    others: ['id', 'top', 'opens'],
    numbers: ['value'],
    identity: ['x', 'y', 'id'],
  },
  strip: {
    required: ['x', 'value'],
    optional: ['y'],
    others: ['id', 'top', 'levels', 'better', 'opens'],
    numbers: ['value'],
    identity: ['x', 'y', 'id'],
  },
  fan: {
    required: ['x', 'y', 'forecast', 'low', 'high'],
    optional: [],
    others: [],
    numbers: ['y', 'forecast', 'low', 'high'],
    identity: ['x'],
  },
  number: {
    required: ['value'],
    optional: ['x'],
    others: ['more', 'levels', 'better'],
    numbers: ['value'],
    identity: ['x'],
  },
};

/** Maximum number of labels of a chart. */
export const maxTop = 100;

const isNumber = ({ type, unit }: ReportColumn): boolean =>
  /INT|DOUBLE|FLOAT|DECIMAL/.test(type) && unit !== 'id' && unit !== 'line';
const isTime = ({ type }: ReportColumn): boolean => /^(DATE|TIMESTAMP)/.test(type);
const isNested = ({ type }: ReportColumn): boolean => /JSON|\[|STRUCT|MAP|UNION|BLOB/.test(type);

/**
 * Reads the charts of a report: one, or a list with the default first.
 * @throws WattduckError with the line of an unknown column, a column of the wrong type, or a chart with several rows per mark
 */
export function readCharts(file: SqlFile, value: unknown, context: ChartContext): Chart[] {
  if (value === undefined) return [];
  const entries: readonly [KeyPath, unknown][] = Array.isArray(value)
    ? value.map((entry, index): [KeyPath, unknown] => [['chart', index], entry])
    : [[['chart'], value]];
  if (entries.length === 0)
    throw sqlFileError(file.path, file.lineOf(['chart']), 'sql_file_invalid_type', {
      key: 'chart',
      expected: 'a chart, or a list of charts',
      value: '[]',
    });
  const charts = entries.map(([keyPath, entry]) => readChart(file, keyPath, entry, context));
  for (const [index, { name }] of charts.entries()) {
    const line = file.lineOf([...entries[index]![0], 'name']);
    if (name === undefined && index > 0)
      throw sqlFileError(file.path, line, 'sql_file_missing_key', { key: `chart.${index}.name` });
    if (name !== undefined && !/^[a-z][a-z0-9_-]*$/.test(name))
      throw sqlFileError(file.path, line, 'sql_file_invalid_chart_name', { name });
    if (name !== undefined && charts.slice(0, index).some((other) => other.name === name))
      throw sqlFileError(file.path, line, 'sql_file_duplicate_chart_name', { name });
  }
  return charts;
}

function readChart(file: SqlFile, keyPath: KeyPath, value: unknown, context: ChartContext): Chart {
  const lineOf = (...path: KeyPath): number => file.lineOf([...keyPath, ...path]);
  const kind = isPlainObject(value) ? String(value['kind'] ?? '') : '';
  if (isPlainObject(value) && value['kind'] !== undefined && !Object.hasOwn(kinds, kind))
    throw sqlFileError(file.path, lineOf('kind'), 'sql_file_invalid_choice', {
      key: [...keyPath, 'kind'].join('.'),
      value: kind,
      suggestion: suggest(kind, Object.keys(kinds)),
    });
  const { required, optional, others, numbers, identity } = kinds[(kind || 'line') as Chart['kind']];
  const hasIdList = isPlainObject(value) && Array.isArray(value['id']);
  const shapes = {
    id: hasIdList ? 'texts' : 'text',
    more: 'texts',
    top: 'number',
    levels: 'list',
    better: 'text',
    opens: 'text',
  } as const;
  const chart = validateObject<Record<ColumnKey | 'name' | 'better' | 'opens', string> & ChartFrontMatter>(
    file,
    keyPath,
    value,
    {
      kind: 'text',
      name: 'text',
      with: 'map',
      ...Object.fromEntries([...required, ...optional].map((key) => [key, 'text'] as const)),
      ...Object.fromEntries(others.map((key) => [key, shapes[key as keyof typeof shapes]])),
    },
    // Without levels, all cells of a strip would look the same.
    ['kind', ...required, ...(kind === 'strip' ? ['levels'] : [])],
  );
  const columnOf = (name: string, path: KeyPath): ReportColumn => {
    const column = context.columns.find((each) => each.name === name);
    if (column === undefined)
      throw sqlFileError(file.path, lineOf(...path), 'sql_file_unknown_column', {
        column: name,
        object: 'this report',
        suggestion: suggest(
          name,
          context.columns.map((each) => each.name),
        ),
      });
    return column;
  };
  const assertType = (column: ReportColumn, path: KeyPath, matches: boolean, expected: string): void => {
    if (matches) return;
    throw sqlFileError(file.path, lineOf(...path), 'sql_file_chart_column_type', {
      key: [...keyPath, ...path].join('.'),
      column: column.name,
      type: column.type.toLowerCase(),
      expected,
    });
  };
  for (const key of [...required, ...optional].filter((each) => chart[each] !== undefined)) {
    const column = columnOf(chart[key], [key]);
    if (numbers.includes(key)) assertType(column, [key], isNumber(column), 'a number');
    else if (kind === 'fan') assertType(column, [key], isTime(column), 'a date or time');
    else assertType(column, [key], !isNested(column), 'a text, number, date or time');
  }
  const id = chart.id === undefined ? undefined : [chart.id].flat();
  id?.forEach((name, index) => {
    const path = hasIdList ? ['id', index] : ['id'];
    const column = columnOf(name, path);
    assertType(column, path, !isNested(column), 'a text, number, date or time');
  });
  chart.more?.forEach((name, index) => columnOf(name, ['more', index]));
  for (const [key, choices] of [
    ['better', ['up', 'down']],
    ['opens', ['station', 'site', 'customer']],
  ] as const)
    if (chart[key] !== undefined && !(choices as readonly string[]).includes(chart[key]))
      throw sqlFileError(file.path, lineOf(key), 'sql_file_invalid_choice', {
        key: [...keyPath, key].join('.'),
        value: chart[key],
        suggestion: suggest(chart[key], choices),
      });
  if (chart.top !== undefined && !(Number.isInteger(chart.top) && chart.top >= 1 && chart.top <= maxTop))
    throw sqlFileError(file.path, lineOf('top'), 'sql_file_invalid_type', {
      key: [...keyPath, 'top'].join('.'),
      expected: `an integer from 1 to ${maxTop}`,
      value: chart.top,
    });
  const [low, high] = chart.levels ?? [0, 1];
  if (
    chart.levels !== undefined &&
    !(chart.levels.length === 2 && isFiniteNumber(low) && isFiniteNumber(high) && low < high)
  )
    throw sqlFileError(file.path, lineOf('levels'), 'sql_file_invalid_type', {
      key: [...keyPath, 'levels'].join('.'),
      expected: 'two numbers, the lower one first',
      value: JSON.stringify(chart.levels),
    });
  const params = readChartParams(file, [...keyPath, 'with'], chart.with ?? {}, context.parameters);
  const values = columnOf(chart[numbers[0]!], []);
  if (
    (kind === 'bar' || kind === 'hbar') &&
    chart.series !== undefined &&
    ['share', 'percent'].includes(values.unit ?? '')
  )
    throw sqlFileError(file.path, lineOf('series'), 'sql_file_chart_stacks_shares', {
      column: values.name,
      unit: values.unit,
    });
  const covered = identity.flatMap((key) => (key === 'id' ? (id ?? []) : (chart[key] ?? [])));
  assertCoversKey(file, keyPath, chart.x === undefined ? undefined : covered, params, context);
  const { with: _, id: __, ...rest } = chart;
  return {
    ...rest,
    ...(id === undefined ? {} : { id }),
    ...(Object.keys(params).length > 0 ? { with: params } : {}),
  } as unknown as Chart;
}

interface ChartFrontMatter {
  id?: string | string[];
  more?: string[];
  top?: number;
  levels?: [number, number];
  with?: Record<string, unknown>;
}

const isFiniteNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** Parameters that a chart sets: they must exist, and their values be accepted. */
function readChartParams(
  file: SqlFile,
  keyPath: KeyPath,
  values: Record<string, unknown>,
  parameters: readonly Parameter[],
): Record<string, string> {
  const settable = parameters.filter(({ role }) => role !== 'forecast' && role !== 'caller');
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const line = file.lineOf([...keyPath, name]);
      const parameter = settable.find((each) => each.name === name);
      if (parameter === undefined)
        throw sqlFileError(file.path, line, 'sql_file_unknown_parameter', {
          parameter: name,
          suggestion: suggest(
            name,
            settable.map((each) => each.name),
          ),
        });
      const text = String(value);
      if (typeof value === 'object' || (/INT|DOUBLE|DECIMAL/.test(parameter.type) && !Number.isFinite(Number(text))))
        throw sqlFileError(file.path, line, 'sql_file_invalid_type', {
          key: [...keyPath, name].join('.'),
          expected: typeof value === 'object' ? 'a single value' : 'a number',
          value: JSON.stringify(value),
        });
      if (parameter.choices !== undefined && !parameter.choices.includes(text))
        throw sqlFileError(file.path, line, 'sql_file_invalid_choice', {
          key: [...keyPath, name].join('.'),
          value: text,
          suggestion: suggest(text, parameter.choices),
        });
      return [name, text];
    }),
  );
}

/**
 * Checks that each mark has one row: the columns that identify it include the key. A parameter under `with` fixes the key
 * column of its name, and the choice all, such as that of granularity, fixes dates. Optional columns have values only on request.
 * @param covered undefined for a chart of one row
 */
function assertCoversKey(
  file: SqlFile,
  keyPath: KeyPath,
  covered: readonly string[] | undefined,
  params: Readonly<Record<string, string>>,
  { columns, key, parameters, answer }: ChartContext,
): void {
  if (covered === undefined && answer.shape === 'object' && answer.list === undefined) return;
  const isWhole = parameters.some(({ name, choices }) => params[name] === 'all' && choices?.includes('all') === true);
  const missing = key.filter((name) => {
    const column = columns.find((each) => each.name === name);
    const isFixed =
      params[name] !== undefined || (isWhole && (column?.type === 'DATE' || column?.bucket !== undefined));
    return !(covered ?? []).includes(name) && !isFixed && column?.optional !== true;
  });
  if (missing.length === 0) return;
  throw sqlFileError(file.path, file.lineOf(keyPath), 'sql_file_chart_not_unique', {
    missing: missing.join(', '),
    key: key.join(', '),
  });
}
