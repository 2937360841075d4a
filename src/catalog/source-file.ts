import { suggest } from '../text/names.ts';
import type { CatalogDatabase } from './catalog-database.ts';
import type { Source, SourceCheck, SourceColumn } from './definitions.ts';
import { catalogError, isPlainObject, statementError, validateObject, type SqlFile } from './front-matter.ts';

interface SourceFrontMatter {
  title: string;
  description: string;
  key: string[];
  version: string;
  recognise?: string[];
  columns: Record<string, unknown>;
  checks?: unknown[];
  doubts?: unknown[];
}

type ColumnFrontMatter = Partial<
  Pick<SourceColumn, 'unit' | 'aliases' | 'required' | 'values' | 'default' | 'after' | 'personal'>
> & { description: string };

/** Reads a source whose table is on DuckDB already; its columns' types stand in the DDL alone. */
export async function readSource(name: string, file: SqlFile, database: CatalogDatabase): Promise<Source> {
  const frontMatter = validateObject<SourceFrontMatter>(
    file,
    [],
    file.frontMatter,
    {
      title: 'text',
      description: 'text',
      key: 'texts',
      version: 'text',
      recognise: 'texts',
      columns: 'map',
      checks: 'list',
      doubts: 'list',
    },
    ['title', 'description', 'key', 'version', 'columns'],
  );
  const tableColumns = await database.tableColumns(name);
  if (tableColumns.length === 0) {
    throw catalogError(
      file.path,
      file.sqlLine,
      `the statement creates no table "${name}"`,
      'File and table bear one name.',
    );
  }
  const names = tableColumns.map((column) => column.name);
  const assertColumn = (column: string, keyPath: readonly (string | number)[]): void => {
    if (!names.includes(column)) {
      throw catalogError(
        file.path,
        file.lineOf(keyPath),
        `"${column}" is no column of ${name}`,
        suggest(column, names),
      );
    }
  };
  for (const column of Object.keys(frontMatter.columns)) assertColumn(column, ['columns', column]);
  frontMatter.key.forEach((column, index) => assertColumn(column, ['key', index]));
  assertColumn(frontMatter.version, ['version']);
  frontMatter.recognise?.forEach((column, index) => assertColumn(column, ['recognise', index]));

  const columns = tableColumns.map(({ name: column, type }): SourceColumn => {
    const entry = frontMatter.columns[column];
    if (entry === undefined) {
      throw catalogError(
        file.path,
        file.lineOf(['columns']),
        `column "${column}" is not described`,
        `Add it under columns.`,
      );
    }
    const columnFrontMatter = validateObject<ColumnFrontMatter>(
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
        after: 'text',
        personal: 'flag',
      },
      ['description'],
    );
    return {
      ...columnFrontMatter,
      name: column,
      type,
      aliases: columnFrontMatter.aliases ?? [],
      required: columnFrontMatter.required ?? frontMatter.key.includes(column),
    };
  });

  for (const { name: column, after } of columns)
    if (after !== undefined) assertColumn(after, ['columns', column, 'after']);

  const readChecks = async (section: 'checks' | 'doubts'): Promise<SourceCheck[]> => {
    const checks: SourceCheck[] = [];
    for (const [index, item] of (frontMatter[section] ?? []).entries()) {
      const keyPath = [section, index];
      if (!isPlainObject(item))
        throw catalogError(
          file.path,
          file.lineOf(keyPath),
          `${section === 'checks' ? 'a check' : 'a doubt'} should be key: value pairs`,
        );
      const check = validateObject<SourceCheck>(file, keyPath, item, { when: 'text', column: 'text', reason: 'text' }, [
        'when',
        'column',
        'reason',
      ]);
      assertColumn(check.column, [...keyPath, 'column']);
      checks.push(check);
    }
    const describeConditions = (conditions: readonly SourceCheck[]): Promise<unknown> =>
      database.describeSchema(
        `select ${conditions.map(({ when }) => `(${when})`).join(', ')} from memory.main.${name}`,
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
  const recognise = [...new Set([...requiredColumns, ...(frontMatter.recognise ?? [])])];
  return {
    name,
    path: file.path,
    title,
    description,
    key,
    version,
    recognise,
    columns,
    checks: await readChecks('checks'),
    doubts: await readChecks('doubts'),
  };
}
