import type { Page, Parameter, ParameterRole, Sort } from './definitions.ts';
import type { Typed } from './engine-view.ts';
import { catalogFault, readMap, type SqlFile } from './frontmatter.ts';
import { suggest } from '../text/names.ts';

const roles: readonly ParameterRole[] = ['period_start', 'period_end', 'time_zone', 'now', 'caller', 'forecast'];

/** Names that are options of every command, or come with paging and sorting. */
const reserved = [
  'db',
  'sql_dir',
  'memory_limit',
  'format',
  'json',
  'output',
  'columns',
  'wide',
  'chart',
  'daily',
  'explain',
  'help',
  'debug',
  'all',
  'redact',
  'sort',
  'sort_field',
  'sort_order',
  'limit',
  'take',
  'skip',
];

/** The parameter by which a report reads what was forecast; nobody gives it. */
export const forecastName = 'forecast';

interface ParameterHead {
  description: string;
  role?: ParameterRole;
  required?: boolean;
  default?: string | number | boolean;
  example?: string | number | boolean;
  choices?: string[];
  min?: number;
  max?: number;
  longest?: number;
  short?: string;
}

/**
 * Joins the parameters the front matter describes with the ones the SQL names: both lists must be the same.
 * @param shared parameters of the views the SQL names; the front matter may describe them in its own way
 */
export function readParameters(
  file: SqlFile,
  heads: Record<string, unknown>,
  inSql: readonly Typed[],
  shared: readonly Parameter[] = [],
): Parameter[] {
  const types = new Map(inSql.map(({ name, type }) => [name, type]));
  const fromViews = shared.filter(({ name }) => !(name in heads));
  for (const name of types.keys()) {
    if (!(name in heads) && !fromViews.some((each) => each.name === name)) {
      const line =
        file.sqlLine + file.sql.slice(0, file.sql.search(new RegExp(`\\$${name}\\b`))).split('\n').length - 1;
      throw catalogFault(file.path, line, `parameter $${name} is not described`, `Add it under params.`);
    }
  }
  const own = Object.entries(heads).map(([name, value]): Parameter => {
    const at = ['params', name];
    const head = readMap<ParameterHead>(
      file,
      at,
      value,
      {
        description: 'text',
        role: 'text',
        required: 'flag',
        default: 'scalar',
        example: 'scalar',
        choices: 'texts',
        min: 'number',
        max: 'number',
        longest: 'number',
        short: 'text',
      },
      ['description'],
    );
    const fault = (what: string, fix?: string): Error => catalogFault(file.path, file.lineOf(at), what, fix);
    for (const each of [name, head.short ?? []].flat())
      if (reserved.includes(each)) throw fault(`"${each}" is an option of every report`, 'Choose another name.');
    if (head.short !== undefined && namesOfOthers(heads, name).includes(head.short))
      throw fault(`"${head.short}" is the name of another parameter`, 'Choose another short name.');
    const type = types.get(name);
    if (!type) throw fault(`parameter "${name}" is not in the SQL`, `Use $${name}::type there, or remove it here.`);
    if (!plainType.test(type))
      throw fault(
        `parameter $${name} is ${type}`,
        'Use varchar, bigint, integer, double, boolean, date, timestamp or decimal(p, s).',
      );
    if (name === 'tz' && head.role !== 'time_zone')
      throw fault('"tz" is an option of every report', 'Give it role: time_zone, or choose another name.');
    if (head.role && !roles.includes(head.role)) {
      throw catalogFault(
        file.path,
        file.lineOf([...at, 'role']),
        `unknown role "${head.role}"`,
        suggest(head.role, roles),
      );
    }
    if (head.role === 'forecast' && name !== forecastName) throw fault(`role forecast is that of $${forecastName}`);
    if (name === forecastName && head.role !== 'forecast')
      throw fault(`"${name}" is what was forecast`, 'Give it role: forecast, or choose another name.');
    const wanted = ['time_zone', 'caller', 'forecast'].includes(head.role ?? '') ? 'VARCHAR' : 'TIMESTAMP';
    if (head.role && type !== wanted) throw fault(`role ${head.role} needs a ${wanted.toLowerCase()}, not ${type}`);
    if (head.default !== undefined && !acceptable(head, type))
      throw fault(`its default ${head.default} is not accepted by the parameter itself`);
    const { default: preset, example, required, ...rest } = head;
    return {
      ...rest,
      name,
      type,
      required: required ?? false,
      ...(preset === undefined ? {} : { default: String(preset) }),
      ...(example === undefined ? {} : { example: String(example) }),
      inSql: true,
    };
  });
  return [...own, ...fromViews];
}

/** Names and short names of all parameters but one. */
const namesOfOthers = (heads: Record<string, unknown>, but: string): unknown[] =>
  Object.entries(heads)
    .filter(([name]) => name !== but)
    .flatMap(([name, head]) => [name, (head as Partial<ParameterHead> | null)?.short]);

/** The plain types both engines know. */
const plainType = /^(VARCHAR|BIGINT|INTEGER|DOUBLE|BOOLEAN|DATE|TIMESTAMP|DECIMAL\(.*\))$/;

function acceptable({ default: preset, choices, min, max }: ParameterHead, type: string): boolean {
  if (choices && !choices.includes(String(preset))) return false;
  if (!/^(BIGINT|INTEGER|DOUBLE|DECIMAL)/.test(type)) return true;
  const value = Number(preset);
  if (Number.isNaN(value) || (/INT/.test(type) && !Number.isInteger(value))) return false;
  return value >= (min ?? -Infinity) && value <= (max ?? Infinity);
}

type Free = Omit<Parameter, 'required' | 'inSql'>;

/** What every forecast is asked with, and those of days. */
const ofForecasts: readonly Free[] = [
  {
    name: 'horizons',
    type: 'VARCHAR',
    default: '30,60,90',
    example: '7,30',
    description:
      'Days to sum, from the first after the history: whole numbers from 1 to 365, separated by commas, at most 12',
  },
  {
    name: 'confidence',
    type: 'DOUBLE',
    default: '0.8',
    min: 0.5,
    max: 0.99,
    example: '0.95',
    description: 'Share of futures the intervals are to hold',
  },
];
const ofForecastDays: Free = {
  name: 'history',
  type: 'BIGINT',
  default: '0',
  min: 0,
  max: 3650,
  example: '60',
  description: 'Days of history before the forecast',
};

/** Names no other parameter of a forecast may have. */
export const namesOfForecasts: readonly string[] = [...ofForecasts, ofForecastDays].map(({ name }) => name);

/**
 * The parameters that come for free: zone for reading dates, what is to be forecast, sorting, paging.
 * @param forecast names of the views of a forecast that are read
 */
export function impliedParameters(
  own: readonly Parameter[],
  forecast: readonly string[],
  sort: Sort,
  page: Page,
): Parameter[] {
  const implied: Parameter[] = [];
  const free = (parameter: Free): void => {
    if (!own.some(({ name }) => name === parameter.name)) implied.push({ ...parameter, required: false, inSql: false });
  };
  if (own.some(({ type }) => type === 'TIMESTAMP')) {
    free({
      name: 'tz',
      type: 'VARCHAR',
      role: 'time_zone',
      default: 'UTC',
      example: 'Europe/Berlin',
      description: 'IANA time zone in which dates and times without an offset are read',
    });
  }
  if (forecast.length > 0) ofForecasts.forEach(free);
  if (forecast.includes('forecast_days')) free(ofForecastDays);
  if (sort.split) {
    const [field, order] = sort.default.startsWith('-') ? [sort.default.slice(1), 'desc'] : [sort.default, 'asc'];
    free({
      name: 'sort_field',
      short: 'sort',
      type: 'VARCHAR',
      default: field,
      choices: sort.allow,
      description: 'Column to sort by',
    });
    free({
      name: 'sort_order',
      type: 'VARCHAR',
      default: order,
      choices: ['asc', 'desc'],
      description: 'Order of the sort',
    });
  } else if (sort.allow.length > 0) {
    free({
      name: 'sort',
      type: 'VARCHAR',
      default: sort.default,
      choices: sort.allow.flatMap((column) => [column, `-${column}`]),
      description: 'Column to sort by, with - before it for descending',
    });
  }
  if (page.kind === 'limit') {
    free({
      name: 'limit',
      type: 'BIGINT',
      default: String(page.default),
      min: 1,
      max: page.max,
      description: 'Most rows answered',
    });
  }
  if (page.kind === 'take_skip') {
    free({
      name: 'take',
      type: 'BIGINT',
      default: String(page.default),
      min: 1,
      max: page.max,
      description: 'Most rows answered',
    });
    free({ name: 'skip', type: 'BIGINT', default: '0', min: 0, description: 'Rows passed over first' });
  }
  return implied;
}
