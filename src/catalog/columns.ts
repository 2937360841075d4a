import { suggest } from '../text/names.ts';
import type { StatementInfo } from './catalog-database.ts';
import type { ReportColumn } from './definitions.ts';
import { catalogFault, validateObject, type SqlFile } from './front-matter.ts';

/** Joins the columns the front matter describes with those the SQL answers: both must be the same. */
export function readColumns(
  file: SqlFile,
  entries: Record<string, unknown>,
  statementInfo: StatementInfo,
): ReportColumn[] {
  const columnNames = statementInfo.columns.map((column) => column.name);
  for (const name of Object.keys(entries)) {
    if (!columnNames.includes(name)) {
      throw catalogFault(
        file.path,
        file.lineOf(['columns', name]),
        `the SQL answers no column "${name}"`,
        suggest(name, columnNames),
      );
    }
  }
  return statementInfo.columns.map(({ name, type }): ReportColumn => {
    if (!(name in entries)) {
      throw catalogFault(
        file.path,
        file.lineOf(['columns']),
        `column "${name}" is not described`,
        'Add it under columns.',
      );
    }
    const frontMatter = validateObject<{
      description: string;
      unit?: string;
      nullable?: boolean;
      numeric?: boolean;
      hidden?: boolean;
      optional?: boolean;
    }>(
      file,
      ['columns', name],
      entries[name],
      { description: 'text', unit: 'text', nullable: 'flag', numeric: 'flag', hidden: 'flag', optional: 'flag' },
      ['description'],
    );
    return { ...frontMatter, name, type, nullable: frontMatter.nullable ?? frontMatter.optional ?? false };
  });
}
