import { suggest } from '../text/names.ts';
import type { NamedType } from './catalog-database.ts';
import type { Page, Parameter, ParameterRole, Sort } from './definitions.ts';
import { catalogFault, validateObject, type SqlFile } from './front-matter.ts';

const roles: readonly ParameterRole[] = ['period_start', 'period_end', 'time_zone', 'now', 'caller', 'forecast'];

/** Names that are options of every command, or come with paging and sorting. */
const reservedNames = [
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

interface ParameterFrontMatter {
  description: string;
  role?: ParameterRole;
  required?: boolean;
  default?: string | number | boolean;
  example?: string | number | boolean;
  choices?: string[];
  min?: number;
  max?: number;
  max_length?: number;
  short?: string;
}

/**
 * Joins the parameters the front matter describes with the ones the SQL names: both lists must be the same.
 * @param shared parameters of the views the SQL names; the front matter may describe them in its own way
 */
export function readParameters(
  file: SqlFile,
  entries: Record<string, unknown>,
  inSql: readonly NamedType[],
  shared: readonly Parameter[] = [],
): Parameter[] {
  const types = new Map(inSql.map(({ name, type }) => [name, type]));
  const fromViews = shared.filter(({ name }) => !(name in entries));
  for (const name of types.keys()) {
    if (!(name in entries) && !fromViews.some((each) => each.name === name)) {
      const line =
        file.sqlLine + file.sql.slice(0, file.sql.search(new RegExp(`\\$${name}\\b`))).split('\n').length - 1;
      throw catalogFault(file.path, line, `parameter $${name} is not described`, `Add it under params.`);
    }
  }
  const ownParameters = Object.entries(entries).map(([name, value]): Parameter => {
    const keyPath = ['params', name];
    const frontMatter = validateObject<ParameterFrontMatter>(
      file,
      keyPath,
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
        max_length: 'number',
        short: 'text',
      },
      ['description'],
    );
    const parameterError = (what: string, fix?: string): Error =>
      catalogFault(file.path, file.lineOf(keyPath), what, fix);
    for (const each of [name, frontMatter.short ?? []].flat())
      if (reservedNames.includes(each))
        throw parameterError(`"${each}" is an option of every report`, 'Choose another name.');
    if (frontMatter.short !== undefined && otherNames(entries, name).includes(frontMatter.short))
      throw parameterError(`"${frontMatter.short}" is the name of another parameter`, 'Choose another short name.');
    const type = types.get(name);
    if (!type)
      throw parameterError(`parameter "${name}" is not in the SQL`, `Use $${name}::type there, or remove it here.`);
    if (!portableType.test(type))
      throw parameterError(
        `parameter $${name} is ${type}`,
        'Use varchar, bigint, integer, double, boolean, date, timestamp or decimal(p, s).',
      );
    if (name === 'tz' && frontMatter.role !== 'time_zone')
      throw parameterError('"tz" is an option of every report', 'Give it role: time_zone, or choose another name.');
    if (frontMatter.role && !roles.includes(frontMatter.role)) {
      throw catalogFault(
        file.path,
        file.lineOf([...keyPath, 'role']),
        `unknown role "${frontMatter.role}"`,
        suggest(frontMatter.role, roles),
      );
    }
    if (frontMatter.role === 'forecast' && name !== forecastName)
      throw parameterError(`role forecast is that of $${forecastName}`);
    if (name === forecastName && frontMatter.role !== 'forecast')
      throw parameterError(`"${name}" is what was forecast`, 'Give it role: forecast, or choose another name.');
    const expectedType = ['time_zone', 'caller', 'forecast'].includes(frontMatter.role ?? '') ? 'VARCHAR' : 'TIMESTAMP';
    if (frontMatter.role && type !== expectedType)
      throw parameterError(`role ${frontMatter.role} needs a ${expectedType.toLowerCase()}, not ${type}`);
    if (frontMatter.default !== undefined && !isValidDefault(frontMatter, type))
      throw parameterError(`its default ${frontMatter.default} is not accepted by the parameter itself`);
    const { default: defaultValue, example, required, max_length: maxLength, ...rest } = frontMatter;
    return {
      ...rest,
      name,
      type,
      required: required ?? false,
      ...(defaultValue === undefined ? {} : { default: String(defaultValue) }),
      ...(example === undefined ? {} : { example: String(example) }),
      ...(maxLength === undefined ? {} : { maxLength }),
      inSql: true,
    };
  });
  return [...ownParameters, ...fromViews];
}

/** Names and short names of all parameters but one. */
const otherNames = (entries: Record<string, unknown>, excluded: string): unknown[] =>
  Object.entries(entries)
    .filter(([name]) => name !== excluded)
    .flatMap(([name, frontMatter]) => [name, (frontMatter as Partial<ParameterFrontMatter> | null)?.short]);

/** The plain types both engines know. */
const portableType = /^(VARCHAR|BIGINT|INTEGER|DOUBLE|BOOLEAN|DATE|TIMESTAMP|DECIMAL\(.*\))$/;

function isValidDefault({ default: defaultValue, choices, min, max }: ParameterFrontMatter, type: string): boolean {
  if (choices && !choices.includes(String(defaultValue))) return false;
  if (!/^(BIGINT|INTEGER|DOUBLE|DECIMAL)/.test(type)) return true;
  const value = Number(defaultValue);
  if (Number.isNaN(value) || (/INT/.test(type) && !Number.isInteger(value))) return false;
  return value >= (min ?? -Infinity) && value <= (max ?? Infinity);
}

type ImpliedParameter = Omit<Parameter, 'required' | 'inSql'>;

/** What every forecast is asked with, and those of days. */
const forecastParameters: readonly ImpliedParameter[] = [
  {
    name: 'horizons',
    type: 'VARCHAR',
    default: '30,60,90',
    example: '7,30',
    description: 'Horizons in days, 1 to 365, separated by commas; at most 12',
  },
  {
    name: 'confidence',
    type: 'DOUBLE',
    default: '0.8',
    min: 0.5,
    max: 0.99,
    example: '0.95',
    description: 'Confidence level of the intervals',
  },
];
const historyParameter: ImpliedParameter = {
  name: 'history',
  type: 'BIGINT',
  default: '0',
  min: 0,
  max: 3650,
  example: '60',
  description: 'Number of past days to return before the forecast',
};

/** Names no other parameter of a forecast may have. */
export const forecastParameterNames: readonly string[] = [...forecastParameters, historyParameter].map(
  ({ name }) => name,
);

/**
 * The parameters that come for free: zone for reading dates, what is to be forecast, sorting, paging.
 * @param forecast names of the views of a forecast that are read
 */
export function impliedParameters(
  ownParameters: readonly Parameter[],
  forecast: readonly string[],
  sort: Sort,
  page: Page,
): Parameter[] {
  const implied: Parameter[] = [];
  const add = (parameter: ImpliedParameter): void => {
    if (!ownParameters.some(({ name }) => name === parameter.name))
      implied.push({ ...parameter, required: false, inSql: false });
  };
  if (ownParameters.some(({ type }) => type === 'TIMESTAMP')) {
    add({
      name: 'tz',
      type: 'VARCHAR',
      role: 'time_zone',
      default: 'UTC',
      example: 'Europe/Berlin',
      description: 'IANA time zone of dates and times without an offset',
    });
  }
  if (forecast.length > 0) forecastParameters.forEach(add);
  if (forecast.includes('forecast_days')) add(historyParameter);
  if (sort.split) {
    const [field, order] = sort.default.startsWith('-') ? [sort.default.slice(1), 'desc'] : [sort.default, 'asc'];
    add({
      name: 'sort_field',
      short: 'sort',
      type: 'VARCHAR',
      default: field,
      choices: sort.allow,
      description: 'Column to sort by',
    });
    add({
      name: 'sort_order',
      type: 'VARCHAR',
      default: order,
      choices: ['asc', 'desc'],
      description: 'Sort order',
    });
  } else if (sort.allow.length > 0) {
    add({
      name: 'sort',
      type: 'VARCHAR',
      default: sort.default,
      choices: sort.allow.flatMap((column) => [column, `-${column}`]),
      description: 'Column to sort by; prefix it with - for descending order',
    });
  }
  if (page.kind === 'limit') {
    add({
      name: 'limit',
      type: 'BIGINT',
      default: String(page.default),
      min: 1,
      max: page.max,
      description: 'Maximum number of rows',
    });
  }
  if (page.kind === 'take_skip') {
    add({
      name: 'take',
      type: 'BIGINT',
      default: String(page.default),
      min: 1,
      max: page.max,
      description: 'Maximum number of rows',
    });
    add({ name: 'skip', type: 'BIGINT', default: '0', min: 0, description: 'Number of rows to skip' });
  }
  return implied;
}
