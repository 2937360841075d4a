import { periodForms } from '../text/calendar-period.ts';
import { suggest } from '../text/names.ts';
import type { NamedType } from './catalog-database.ts';
import { selectionRoles, type Page, type Parameter, type ParameterRole, type Sort } from './definitions.ts';
import { hasPeriod } from './period-parameters.ts';
import { validateObject, type SqlFile } from './front-matter.ts';
import { sqlFileError } from './sql-text.ts';

const roles: readonly ParameterRole[] = [
  'period_start',
  'period_end',
  'time_zone',
  'base_currency',
  'now',
  'caller',
  'forecast',
  ...selectionRoles,
];

/** Names of options of every report, and of parameters for paging and sorting. */
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
  'quiet',
  'verbose',
  'all',
  'redact',
  'sort',
  'sort_field',
  'sort_order',
  'limit',
  'take',
  'skip',
];

/** The parameter that passes the forecast to the SQL of a report; users cannot set it. */
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
  excludes?: string;
}

/**
 * Combines the parameters of the front matter with those in the SQL; throws if they differ.
 * @param shared parameters of the views that the SQL reads; the front matter can describe them differently
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
      throw sqlFileError(file.path, line, 'sql_file_undescribed_parameter', { parameter: `$${name}` });
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
        excludes: 'text',
      },
      ['description'],
    );
    const line = file.lineOf(keyPath);
    const parameter = `$${name}`;
    const { role, short } = frontMatter;
    for (const each of [name, short ?? []].flat())
      if (reservedNames.includes(each))
        throw sqlFileError(file.path, line, 'sql_file_reserved_parameter', { name: each });
    if (short !== undefined && otherNames(entries, name).includes(short))
      throw sqlFileError(file.path, line, 'sql_file_duplicate_short_name', { name: short });
    const { excludes } = frontMatter;
    if (excludes !== undefined && !(excludes in entries))
      throw sqlFileError(file.path, file.lineOf([...keyPath, 'excludes']), 'sql_file_unknown_parameter', {
        parameter: excludes,
        suggestion: suggest(excludes, Object.keys(entries)),
      });
    const type = types.get(name);
    if (!type) throw sqlFileError(file.path, line, 'sql_file_unused_parameter', { parameter });
    if (!portableType.test(type))
      throw sqlFileError(file.path, line, 'sql_file_parameter_type_not_supported', { parameter, type });
    if (name === 'tz' && role !== 'time_zone')
      throw sqlFileError(file.path, line, 'sql_file_parameter_needs_role', { name, role: 'time_zone' });
    if (role && !roles.includes(role)) {
      throw sqlFileError(file.path, file.lineOf([...keyPath, 'role']), 'sql_file_invalid_choice', {
        key: [...keyPath, 'role'].join('.'),
        value: role,
        suggestion: suggest(role, roles),
      });
    }
    if (role === 'forecast' && name !== forecastName)
      throw sqlFileError(file.path, line, 'sql_file_forecast_role', { parameter: `$${forecastName}` });
    if (name === forecastName && role !== 'forecast')
      throw sqlFileError(file.path, line, 'sql_file_parameter_needs_role', { name, role: 'forecast' });
    const expectedType = ['time_zone', 'base_currency', 'caller', 'forecast', ...selectionRoles].includes(role ?? '')
      ? 'VARCHAR'
      : 'TIMESTAMP';
    if (role && type !== expectedType)
      throw sqlFileError(file.path, line, 'sql_file_role_type', { role, expected: expectedType, type });
    if (frontMatter.default !== undefined && !isValidDefault(frontMatter, type))
      throw sqlFileError(file.path, line, 'sql_file_invalid_default', { value: frontMatter.default });
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

/** Types that both engines know. */
const portableType = /^(VARCHAR|BIGINT|INTEGER|DOUBLE|BOOLEAN|DATE|TIMESTAMP|DECIMAL\(.*\))$/;

function isValidDefault({ default: defaultValue, choices, min, max }: ParameterFrontMatter, type: string): boolean {
  if (choices && !choices.includes(String(defaultValue))) return false;
  if (!/^(BIGINT|INTEGER|DOUBLE|DECIMAL)/.test(type)) return true;
  const value = Number(defaultValue);
  if (Number.isNaN(value) || (/INT/.test(type) && !Number.isInteger(value))) return false;
  return value >= (min ?? -Infinity) && value <= (max ?? Infinity);
}

type ImpliedParameter = Omit<Parameter, 'required' | 'inSql'>;

/** Parameters of every forecast. */
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
  {
    name: 'plan',
    type: 'VARCHAR',
    maxLength: 1000,
    description:
      'Planned charge points, such as +10@2026-03-01: ten more from that day on; several separated by commas, -2@… for fewer',
  },
  {
    name: 'holidays',
    type: 'VARCHAR',
    maxLength: 20,
    example: 'DE',
    description:
      'Country or region whose public holidays count, such as DE or DE-BY; none for no holidays; default: the setting',
  },
];

/** Parameter of reports that return the days of a forecast. */
const historyParameter: ImpliedParameter = {
  name: 'history',
  type: 'BIGINT',
  default: '0',
  min: 0,
  max: 3650,
  example: '60',
  description: 'Number of past days to return before the forecast',
};

/** Names reserved in reports with a forecast. */
export const forecastParameterNames: readonly string[] = [...forecastParameters, historyParameter].map(
  ({ name }) => name,
);

/**
 * Parameters that are not in the SQL: time zone of dates, horizons of a forecast, sorting and paging.
 * @param forecast names of the forecast views that the report reads
 */
export function impliedParameters(
  ownParameters: readonly Parameter[],
  forecast: readonly string[],
  sort: Sort,
  page: Page,
  { isComparable, hasTotal }: { isComparable: boolean; hasTotal: boolean },
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
  if (hasPeriod(ownParameters)) {
    add({
      name: 'period',
      type: 'VARCHAR',
      role: 'period',
      example: 'last-month',
      description: `Named period instead of bounds: ${periodForms}`,
    });
    if (isComparable) {
      add({
        name: 'compare',
        type: 'VARCHAR',
        role: 'compare',
        choices: ['previous', 'year-ago'],
        example: 'previous',
        description:
          'Earlier period to compare with: the one before, or the one 364 days earlier. Adds columns with its values and the relative change',
      });
    }
  }
  if (hasTotal) {
    add({
      name: 'total',
      type: 'BOOLEAN',
      role: 'total',
      default: 'false',
      description: 'Add the total of all rows, for columns that add up',
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
