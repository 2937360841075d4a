import type { Source, SourceCheck, SourceColumn } from './definitions.ts';
import type { EngineView } from './engine-view.ts';
import { catalogFault, isMap, readMap, statementFault, type SqlFile } from './frontmatter.ts';
import { suggest } from './names.ts';

interface Head {
  title: string;
  description: string;
  key: string[];
  version: string;
  columns: Record<string, unknown>;
  checks?: unknown[];
}

type ColumnHead = Partial<Pick<SourceColumn, 'unit' | 'aliases' | 'required' | 'values' | 'default'>> & { description: string };

/** Reads a source whose table is on the engine already; its columns' types stand in the DDL alone. */
export async function readSource(name: string, file: SqlFile, engine: EngineView): Promise<Source> {
  const head = readMap<Head>(
    file,
    [],
    file.head,
    { title: 'text', description: 'text', key: 'texts', version: 'text', columns: 'map', checks: 'list' },
    ['title', 'description', 'key', 'version', 'columns'],
  );
  const inTable = await engine.tableColumns(name);
  if (inTable.length === 0) {
    throw catalogFault(file.path, file.sqlLine, `the statement creates no table "${name}"`, 'File and table bear one name.');
  }
  const names = inTable.map((column) => column.name);
  const known = (column: string, at: readonly (string | number)[]): void => {
    if (!names.includes(column)) {
      throw catalogFault(file.path, file.lineOf(at), `"${column}" is no column of ${name}`, suggest(column, names));
    }
  };
  for (const column of Object.keys(head.columns)) known(column, ['columns', column]);
  head.key.forEach((column, index) => known(column, ['key', index]));
  known(head.version, ['version']);

  const columns = inTable.map(({ name: column, type }): SourceColumn => {
    const notes = head.columns[column];
    if (notes === undefined) {
      throw catalogFault(file.path, file.lineOf(['columns']), `column "${column}" is not described`, `Add it under columns.`);
    }
    const read = readMap<ColumnHead>(
      file,
      ['columns', column],
      notes,
      { description: 'text', unit: 'text', aliases: 'texts', required: 'flag', values: 'texts', default: 'text' },
      ['description'],
    );
    return { ...read, name: column, type, aliases: read.aliases ?? [], required: read.required ?? head.key.includes(column) };
  });

  const checks = (head.checks ?? []).map((item, index): SourceCheck => {
    const at = ['checks', index];
    if (!isMap(item)) throw catalogFault(file.path, file.lineOf(at), 'a check should be key: value pairs');
    const check = readMap<SourceCheck>(
      file,
      at,
      item,
      { when: 'text', column: 'text', reason: 'text' },
      ['when', 'column', 'reason'],
    );
    known(check.column, [...at, 'column']);
    return check;
  });
  for (const [index, { when }] of checks.entries()) {
    await engine.describe(`select ${when} from ${name}`).catch((error: unknown) => {
      throw statementFault(error, file.path, file.lineOf(['checks', index]));
    });
  }
  const { title, description, key, version } = head;
  return { name, path: file.path, title, description, key, version, columns, checks };
}
