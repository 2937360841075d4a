import { suggest } from '../text/names.ts';
import type { CatalogDatabase } from './catalog-database.ts';
import type { Source, SourceCheck, SourceColumn } from './definitions.ts';
import { validateObject, type SqlFile } from './front-matter.ts';
import { sqlFileError, statementError } from './sql-text.ts';

interface SourceFrontMatter {
  title: string;
  description: string;
  details?: string[];
  key: string[];
  version: string;
  detect_by?: string[];
  identity?: string[];
  changes_with_version?: string[];
  columns: Record<string, unknown>;
  checks?: unknown[];
  warnings?: unknown[];
  inputs?: Record<string, unknown>;
  arrival_order?: string;
  partition_by?: string;
}

type ColumnFrontMatter = Partial<
  Pick<SourceColumn, 'unit' | 'aliases' | 'required' | 'values' | 'default' | 'personal' | 'format' | 'fallback'>
> & {
  description: string;
  not_before?: string;
};

type InputFrontMatter = Pick<SourceColumn, 'description' | 'type'> & Partial<Pick<SourceColumn, 'unit' | 'aliases'>>;

/** Reads a source whose table exists in DuckDB; the types of its columns come from the DDL. */
export async function readSource(name: string, file: SqlFile, database: CatalogDatabase): Promise<Source> {
  const frontMatter = validateObject<SourceFrontMatter>(
    file,
    [],
    file.frontMatter,
    {
      title: 'text',
      description: 'text',
      details: 'texts',
      key: 'texts',
      version: 'text',
      detect_by: 'texts',
      identity: 'texts',
      changes_with_version: 'texts',
      columns: 'map',
      checks: 'list',
      warnings: 'list',
      inputs: 'map',
      arrival_order: 'text',
      partition_by: 'text',
    },
    ['title', 'description', 'key', 'version', 'columns'],
  );
  const tableColumns = await database.tableColumns(name);
  if (tableColumns.length === 0) {
    throw sqlFileError(file.path, file.sqlLine, 'sql_file_missing_table', { table: name });
  }
  const names = tableColumns.map((column) => column.name);
  const assertColumn = (column: string, keyPath: readonly (string | number)[]): void => {
    if (!names.includes(column)) {
      throw sqlFileError(file.path, file.lineOf(keyPath), 'sql_file_unknown_column', {
        column,
        object: name,
        suggestion: suggest(column, names),
      });
    }
  };
  for (const column of Object.keys(frontMatter.columns)) assertColumn(column, ['columns', column]);
  frontMatter.key.forEach((column, index) => assertColumn(column, ['key', index]));
  assertColumn(frontMatter.version, ['version']);
  for (const list of ['detect_by', 'identity', 'changes_with_version'] as const)
    frontMatter[list]?.forEach((column, index) => assertColumn(column, [list, index]));

  if (frontMatter.arrival_order !== undefined) assertColumn(frontMatter.arrival_order, ['arrival_order']);
  const { partition_by: partitionBy } = frontMatter;
  if (partitionBy !== undefined) {
    assertColumn(partitionBy, ['partition_by']);
    if (!tableColumns.some(({ name: column, type }) => column === partitionBy && /^(TIMESTAMP|DATE)$/.test(type)))
      throw sqlFileError(file.path, file.lineOf(['partition_by']), 'sql_file_partition_not_time', {
        column: partitionBy,
      });
  }
  const storedColumns = tableColumns.filter((column) => column.name !== frontMatter.arrival_order);
  const columns = storedColumns.map(({ name: column, type }): SourceColumn => {
    const entry = frontMatter.columns[column];
    if (entry === undefined) {
      throw sqlFileError(file.path, file.lineOf(['columns']), 'sql_file_undescribed_column', { column });
    }
    const { not_before: notBefore, ...columnFrontMatter } = validateObject<ColumnFrontMatter>(
      file,
      ['columns', column],
      entry,
      {
        description: 'text',
        unit: 'text',
        aliases: 'texts',
        required: 'flag',
        values: 'texts',
        default: 'text',
        not_before: 'text',
        fallback: 'text',
        personal: 'flag',
        format: 'text',
      },
      ['description'],
    );
    return {
      ...columnFrontMatter,
      ...(notBefore === undefined ? {} : { notBefore }),
      name: column,
      type,
      aliases: columnFrontMatter.aliases ?? [],
      required: columnFrontMatter.required ?? frontMatter.key.includes(column),
    };
  });

  const inputs = Object.entries(frontMatter.inputs ?? {}).map(([input, entry]): SourceColumn => {
    const { aliases = [], ...rest } = validateObject<InputFrontMatter>(
      file,
      ['inputs', input],
      entry,
      { description: 'text', type: 'text', unit: 'text', aliases: 'texts' },
      ['description', 'type'],
    );
    return { ...rest, name: input, aliases, required: false };
  });

  for (const { name: column, notBefore, fallback } of columns) {
    if (notBefore !== undefined) assertColumn(notBefore, ['columns', column, 'not_before']);
    if (fallback !== undefined) assertColumn(fallback, ['columns', column, 'fallback']);
  }

  const readChecks = async (section: 'checks' | 'warnings'): Promise<SourceCheck[]> => {
    const checks: SourceCheck[] = [];
    for (const [index, item] of (frontMatter[section] ?? []).entries()) {
      const keyPath = [section, index];
      const check = validateObject<SourceCheck>(file, keyPath, item, { when: 'text', column: 'text', reason: 'text' }, [
        'when',
        'column',
        'reason',
      ]);
      if (!inputs.some((input) => input.name === check.column)) assertColumn(check.column, [...keyPath, 'column']);
      checks.push(check);
    }
    const describeConditions = (conditions: readonly SourceCheck[]): Promise<unknown> =>
      database.describeSchema(
        `select ${conditions.map(({ when }) => `(${when})`).join(', ')} from (select *${inputs.map((input) => `, null::${input.type} as ${input.name}`).join('')} from memory.main.${name})`,
      );
    if (
      checks.length === 0 ||
      (await describeConditions(checks).then(
        () => true,
        () => false,
      ))
    )
      return checks;
    for (const [index, check] of checks.entries()) {
      await describeConditions([check]).catch((error: unknown) => {
        throw statementError(error, file.path, file.lineOf([section, index]));
      });
    }
    return checks;
  };
  const { title, description, key, version } = frontMatter;
  const requiredColumns = columns.filter(({ required }) => required).map((column) => column.name);
  const detectBy = [...new Set([...requiredColumns, ...(frontMatter.detect_by ?? [])])];
  return {
    name,
    path: file.path,
    title,
    description,
    details: frontMatter.details ?? [],
    key,
    version,
    detectBy,
    identity: frontMatter.identity ?? [],
    changesWithVersion: frontMatter.changes_with_version ?? [],
    columns,
    inputs,
    ...(frontMatter.arrival_order === undefined ? {} : { arrivalOrder: frontMatter.arrival_order }),
    ...(partitionBy === undefined ? {} : { partitionBy }),
    checks: await readChecks('checks'),
    warnings: [...(await readChecks('warnings')), ...columns.flatMap(currencyWarning)],
  };
}

const currencyWarning = ({ name, format }: SourceColumn): SourceCheck[] =>
  format === 'currency' ? [{ when: `not is_iso_4217(${name})`, column: name, reason: 'not an ISO 4217 code' }] : [];
