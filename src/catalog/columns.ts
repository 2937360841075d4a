import type { ReportColumn } from './definitions.ts';
import type { Described } from './engine-view.ts';
import { catalogFault, readMap, type SqlFile } from './frontmatter.ts';
import { suggest } from '../text/names.ts';

/** Joins the columns the front matter describes with those the SQL answers: both must be the same. */
export function readColumns(file: SqlFile, heads: Record<string, unknown>, described: Described): ReportColumn[] {
  const inSql = described.columns.map((column) => column.name);
  for (const name of Object.keys(heads)) {
    if (!inSql.includes(name)) {
      throw catalogFault(
        file.path,
        file.lineOf(['columns', name]),
        `the SQL answers no column "${name}"`,
        suggest(name, inSql),
      );
    }
  }
  return described.columns.map(({ name, type }): ReportColumn => {
    if (!(name in heads)) {
      throw catalogFault(
        file.path,
        file.lineOf(['columns']),
        `column "${name}" is not described`,
        'Add it under columns.',
      );
    }
    const head = readMap<{
      description: string;
      unit?: string;
      nullable?: boolean;
      numeric?: boolean;
      hidden?: boolean;
      optional?: boolean;
    }>(
      file,
      ['columns', name],
      heads[name],
      { description: 'text', unit: 'text', nullable: 'flag', numeric: 'flag', hidden: 'flag', optional: 'flag' },
      ['description'],
    );
    return { ...head, name, type, nullable: head.nullable ?? head.optional ?? false };
  });
}
