import type { Source, SourceCheck, SourceColumn } from './definitions.ts';
import type { EngineView } from './engine-view.ts';
import { catalogFault, isMap, readMap, statementFault, type SqlFile } from './frontmatter.ts';
import { suggest } from '../text/names.ts';

interface Head {
  title: string;
  description: string;
  key: string[];
  version: string;
  recognise?: string[];
  columns: Record<string, unknown>;
  checks?: unknown[];
  doubts?: unknown[];
}

type ColumnHead = Partial<
  Pick<SourceColumn, 'unit' | 'aliases' | 'required' | 'values' | 'default' | 'after' | 'personal'>
> & { description: string };

/** Reads a source whose table is on the engine already; its columns' types stand in the DDL alone. */
export async function readSource(name: string, file: SqlFile, engine: EngineView): Promise<Source> {
  const head = readMap<Head>(
    file,
    [],
    file.head,
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
  const inTable = await engine.tableColumns(name);
  if (inTable.length === 0) {
    throw catalogFault(
      file.path,
      file.sqlLine,
      `the statement creates no table "${name}"`,
      'File and table bear one name.',
    );
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
  head.recognise?.forEach((column, index) => known(column, ['recognise', index]));

  const columns = inTable.map(({ name: column, type }): SourceColumn => {
    const notes = head.columns[column];
    if (notes === undefined) {
      throw catalogFault(
        file.path,
        file.lineOf(['columns']),
        `column "${column}" is not described`,
        `Add it under columns.`,
      );
    }
    const read = readMap<ColumnHead>(
      file,
      ['columns', column],
      notes,
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
      ...read,
      name: column,
      type,
      aliases: read.aliases ?? [],
      required: read.required ?? head.key.includes(column),
    };
  });

  for (const { name: column, after } of columns) if (after !== undefined) known(after, ['columns', column, 'after']);

  const rules = async (part: 'checks' | 'doubts'): Promise<SourceCheck[]> => {
    const read: SourceCheck[] = [];
    for (const [index, item] of (head[part] ?? []).entries()) {
      const at = [part, index];
      if (!isMap(item))
        throw catalogFault(
          file.path,
          file.lineOf(at),
          `${part === 'checks' ? 'a check' : 'a doubt'} should be key: value pairs`,
        );
      const rule = readMap<SourceCheck>(file, at, item, { when: 'text', column: 'text', reason: 'text' }, [
        'when',
        'column',
        'reason',
      ]);
      known(rule.column, [...at, 'column']);
      read.push(rule);
    }
    const describe = (conditions: readonly SourceCheck[]): Promise<unknown> =>
      engine.describe(`select ${conditions.map(({ when }) => `(${when})`).join(', ')} from memory.main.${name}`);
    if (
      read.length === 0 ||
      (await describe(read).then(
        () => true,
        () => false,
      ))
    )
      return read;
    for (const [index, rule] of read.entries()) {
      await describe([rule]).catch((error: unknown) => {
        throw statementFault(error, file.path, file.lineOf([part, index]));
      });
    }
    return read;
  };
  const { title, description, key, version } = head;
  const needed = columns.filter(({ required }) => required).map((column) => column.name);
  const recognise = [...new Set([...needed, ...(head.recognise ?? [])])];
  return {
    name,
    path: file.path,
    title,
    description,
    key,
    version,
    recognise,
    columns,
    checks: await rules('checks'),
    doubts: await rules('doubts'),
  };
}
