import {
  optionalColumns,
  outputColumns,
  type AnswerShape,
  type Parameter,
  type Report,
  type ReportColumn,
  type SqlType,
} from '../../catalog/definitions.ts';
import { findRole, periodInsteadOf } from '../../catalog/period-parameters.ts';
import { comparedColumns } from '../../catalog/compared-columns.ts';
import { isNumeric } from '../../render/cells.ts';
import { zoneParameter } from '../../reports/document.ts';

/** An object of an OpenAPI document. */
export type OpenApiObject = Record<string, unknown>;

/** Types of totals and facts, by report and name. */
export type FactTypes = Readonly<Record<string, Readonly<Record<string, SqlType>>>>;

/** A reference to a component. */
export const ref = (kind: string, name: string): OpenApiObject => ({ $ref: `#/components/${kind}/${name}` });
/** JSON content of a request or response. */
export const json = (schema: OpenApiObject, examples?: OpenApiObject): OpenApiObject => ({
  'application/json': { schema, ...(examples ? { examples } : {}) },
});
/** Schema of an object; all properties are required by default. */
export const objectOf = (
  properties: OpenApiObject,
  required: readonly string[] = Object.keys(properties),
  others: OpenApiObject = {},
): OpenApiObject => ({ type: 'object', ...(required.length > 0 ? { required } : {}), properties, ...others });

/** Schemas that several operations share. */
export const sharedSchemas: OpenApiObject = {
  Moment: {
    type: 'string',
    description: 'A date or time: `2025-01-31`, `2025-01-31 23:59:59`, or ISO 8601 with an offset.',
  },
  Meta: {
    type: 'array',
    description: 'Columns of the rows, with ClickHouse type names.',
    items: objectOf({ name: { type: 'string' }, type: { type: 'string', examples: ['Nullable(Float64)'] } }),
  },
  Statistics: objectOf({
    elapsed: { type: 'number', description: 'Duration of the query in seconds', 'x-unit': 'seconds' },
    rows_read: { type: 'integer', description: 'Rows in the tables read' },
    bytes_read: { type: 'integer', description: 'Estimated size of those rows in memory', 'x-unit': 'bytes' },
  }),
};

const isInteger = (type: SqlType): boolean => /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(type);

/** JSON schema of a type; empty for types that only user reports have. */
function typeSchema(type: SqlType, isPipe: boolean): OpenApiObject {
  if (isInteger(type)) return { type: 'integer' };
  if (isNumeric({ name: '', type })) return { type: 'number' };
  switch (type) {
    case 'BOOLEAN':
      return { type: 'boolean' };
    case 'DATE':
      return { type: 'string', format: 'date' };
    case 'TIMESTAMP':
      return isPipe
        ? { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$` }
        : { type: 'string', format: 'date-time' };
    case 'VARCHAR':
      return { type: 'string' };
    default:
      return {};
  }
}

function columnSchema({ type, description, unit, nullable, numeric }: ReportColumn, isPipe: boolean): OpenApiObject {
  const { type: jsonType, ...rest } = typeSchema(type, isPipe);
  const types = [
    ...(numeric && !isPipe ? ['integer'] : []),
    ...(jsonType === undefined ? [] : [jsonType]),
    ...(nullable && jsonType !== undefined ? ['null'] : []),
  ];
  return {
    ...(types.length > 0 ? { type: types.length === 1 ? types[0] : types } : {}),
    ...rest,
    description,
    ...(unit === undefined ? {} : { 'x-unit': unit }),
  };
}

/** Schema of a row of a report, for its pipe or for its own route. */
export const rowSchema = (report: Report, isPipe: boolean): OpenApiObject =>
  columnsSchema(
    Object.fromEntries(
      [...outputColumns(report), ...addedColumns(report)].map((column) => [column.name, columnSchema(column, isPipe)]),
    ),
    [...(isPipe ? [] : optionalColumns(report)), ...addedColumns(report).map(({ name }) => name)],
  );

/** Columns that a comparison with an earlier period adds. */
const addedColumns = (report: Report): ReportColumn[] =>
  findRole(report, 'compare')
    ? comparedColumns(report).flatMap((column) =>
        report.columns.some(({ name }) => name === column.name)
          ? []
          : [{ ...column, description: `With compare: ${column.description}` }],
      )
    : [];

/** The optional total of an answer, as a property. */
function totalSchema(report: Report, isPipe: boolean): OpenApiObject {
  if (!findRole(report, 'total')) return {};
  const columns = report.columns.filter(({ name }) => report.additive.includes(name));
  return {
    total: {
      ...objectOf(Object.fromEntries(columns.map((column) => [column.name, columnSchema(column, isPipe)]))),
      description: 'With total=true: sums over all rows',
    },
  };
}

const columnsSchema = (properties: OpenApiObject, optional: readonly string[]): OpenApiObject =>
  objectOf(
    properties,
    Object.keys(properties).filter((name) => !optional.includes(name)),
  );

/** Schema of a pipe's response. @param row schema of a row */
export function pipeSchema(report: Report, row: OpenApiObject): OpenApiObject {
  const properties = {
    meta: ref('schemas', 'Meta'),
    data: { type: 'array', items: row },
    rows: { type: 'integer', description: 'Number of rows in data' },
    rows_before_limit_at_least: { type: 'integer', description: 'Number of rows without the limit' },
    statistics: ref('schemas', 'Statistics'),
  };
  return objectOf({ ...properties, ...totalSchema(report, true) }, Object.keys(properties));
}

/** Schema of the response of a report's own route. */
export function answerSchema(report: Report, types: FactTypes): OpenApiObject {
  const { answer } = report;
  switch (answer.shape) {
    case 'tinybird':
      return pipeSchema(report, rowSchema(report, true));
    case 'list':
      return listSchema(report, answer, types[report.name] ?? {});
    case 'object':
      return objectSchema(report, answer);
  }
}

function listSchema(
  report: Report,
  { key, echo, totals, facts, count }: Extract<AnswerShape, { shape: 'list' }>,
  types: Readonly<Record<string, SqlType>>,
): OpenApiObject {
  const expressionSchemas = (expressions: Record<string, string>, label: string): OpenApiObject =>
    Object.fromEntries(
      Object.entries(expressions).map(([name, sql]) => {
        const nullable = {
          name,
          type: types[name] ?? 'unknown',
          description: `${label}: \`${sql.replaceAll(/\s+/g, ' ')}\``,
          nullable: true,
        };
        return [name, columnSchema(nullable, false)];
      }),
    );
  const properties = {
    ...echoSchemas(report, echo),
    [key]: { type: 'array', items: rowSchema(report, false) },
    ...(count === undefined
      ? {}
      : { [count]: { type: 'integer', description: 'Number of matching rows, including those not returned' } }),
    truncated: {
      type: 'boolean',
      description: `True if more rows match than were returned${count === undefined ? '; absent otherwise' : ''}`,
    },
    ...expressionSchemas(totals, 'Over all rows'),
    ...expressionSchemas(facts, 'Computed separately'),
    ...totalSchema(report, false),
    ...zoneSchema(report),
  };
  return objectOf(
    properties,
    Object.keys(properties).filter(
      (name) => (name !== 'truncated' || count !== undefined) && !(name in totalSchema(report, false)),
    ),
  );
}

/** Schema of one object. A nested object or list takes the position of its first column. */
function objectSchema(report: Report, { echo, nest, list }: Extract<AnswerShape, { shape: 'object' }>): OpenApiObject {
  const added = addedColumns(report);
  const columns = Object.fromEntries(
    [...outputColumns(report), ...added].map((column) => [column.name, columnSchema(column, false)]),
  );
  const parts = Object.entries(nest).map(([key, from]) => {
    const keys = Object.entries(from);
    const schema = columnsSchema(
      Object.fromEntries(keys.map(([name, column]) => [name, columns[column]])),
      keys.filter(([, column]) => optionalColumns(report).includes(column)).map(([name]) => name),
    );
    return { key, columns: Object.values(from), schema };
  });
  if (list) {
    const items = columnsSchema(
      Object.fromEntries(list.columns.map((name) => [name, columns[name]])),
      optionalColumns(report),
    );
    parts.push({ ...list, schema: { type: 'array', items } });
  }
  return columnsSchema(
    {
      ...echoSchemas(report, echo),
      ...Object.fromEntries(
        Object.entries(columns).map(([name, schema]) => {
          const part = parts.find((each) => each.columns.includes(name));
          return part ? [part.key, part.schema] : [name, schema];
        }),
      ),
      ...zoneSchema(report),
    },
    [...optionalColumns(report), ...added.map(({ name }) => name)],
  );
}

const echoSchemas = ({ parameters }: Report, echo: readonly string[]): OpenApiObject =>
  Object.fromEntries(
    echo.map((name) => {
      const description = parameters.find((parameter) => parameter.name === name)?.description;
      return [name, { type: ['string', 'null'], description: `As requested: ${description ?? name}` }];
    }),
  );

const zoneSchema = (report: Report): OpenApiObject =>
  zoneParameter(report) === undefined
    ? {}
    : { tz: { type: 'string', description: 'Time zone of local dates and of bounds without an offset' } };

/** A parameter value as JSON. */
const toJsonValue = (type: SqlType, text: string): unknown =>
  isNumeric({ name: '', type }) ? Number(text) : type === 'BOOLEAN' ? /^true$/i.test(text) : text;

/** Schema of a parameter. @param tz time zone of the settings */
export function parameterSchema(
  { type, role, choices, min, max, maxLength, default: preset, example }: Parameter,
  tz: string | undefined,
): OpenApiObject {
  const defaultText = role === 'time_zone' ? tz : preset;
  return {
    ...(type === 'TIMESTAMP' ? ref('schemas', 'Moment') : typeSchema(type, true)),
    ...(type === 'BIGINT' ? { format: 'int64' } : type === 'INTEGER' ? { format: 'int32' } : {}),
    ...(choices ? { enum: choices } : {}),
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(defaultText === undefined ? {} : { default: toJsonValue(type, defaultText) }),
    ...(example === undefined ? {} : { examples: [toJsonValue(type, example)] }),
  };
}

/** A parameter and its other names, as parameters. */
const withAliases = (parameter: Parameter): Parameter[] => [
  parameter,
  ...(parameter.aliases ?? []).map((name): Parameter => ({
    name,
    type: parameter.type,
    description: `Same as ${parameter.name}`,
    required: false,
    inSql: false,
  })),
];

/** Whether nothing can replace a required parameter; a period replaces bounds. */
const isAlwaysRequired = (parameter: Parameter, parameters: readonly Parameter[]): boolean =>
  parameter.required && periodInsteadOf(parameter, parameters) === undefined;

/** The description of a parameter, with what a request needs if it is required but can be replaced. */
function parameterDescription(parameter: Parameter, parameters: readonly Parameter[]): string {
  const period = periodInsteadOf(parameter, parameters);
  return parameter.required && period
    ? `${parameter.description}. Required without ${period.name}`
    : parameter.description;
}

/** Parameters in the query and path of a URL. */
export const urlParameters = (
  parameters: readonly Parameter[],
  inPath: readonly string[],
  tz: string | undefined,
): OpenApiObject[] =>
  parameters.flatMap(withAliases).map((parameter) => {
    const { name, type, required, example } = parameter;
    const isInPath = inPath.includes(name);
    const isRequired = isAlwaysRequired(parameter, parameters) || isInPath;
    // Tools pre-fill examples, so only parameters that a request needs have one.
    const exampleField = (required || isInPath) && example !== undefined ? { example: toJsonValue(type, example) } : {};
    return {
      name,
      in: isInPath ? 'path' : 'query',
      description: parameterDescription(parameter, parameters),
      ...(isRequired ? { required: true } : {}),
      schema: parameterSchema(parameter, tz),
      ...exampleField,
    };
  });

/** The same parameters as a form. */
export const formSchema = (parameters: readonly Parameter[], tz: string | undefined): OpenApiObject =>
  objectOf(
    Object.fromEntries(
      parameters
        .flatMap(withAliases)
        .map((parameter) => [
          parameter.name,
          { ...parameterSchema(parameter, tz), description: parameterDescription(parameter, parameters) },
        ]),
    ),
    parameters.filter((parameter) => isAlwaysRequired(parameter, parameters)).map(({ name }) => name),
  );
