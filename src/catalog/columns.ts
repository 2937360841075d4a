import { suggest } from '../text/names.ts';
import type { StatementInfo } from './catalog-database.ts';
import { bucketLengths, type ReportColumn } from './definitions.ts';
import { validateObject, type SqlFile } from './front-matter.ts';
import { sqlFileError } from './sql-text.ts';

/** Combines the columns of the front matter with those the SQL returns; throws if they differ. */
export function readColumns(
  file: SqlFile,
  entries: Record<string, unknown>,
  statementInfo: StatementInfo,
): ReportColumn[] {
  const columnNames = statementInfo.columns.map((column) => column.name);
  for (const name of Object.keys(entries)) {
    if (!columnNames.includes(name)) {
      throw sqlFileError(file.path, file.lineOf(['columns', name]), 'sql_file_unselected_column', {
        column: name,
        suggestion: suggest(name, columnNames),
      });
    }
  }
  return statementInfo.columns.map(({ name, type }): ReportColumn => {
    if (!(name in entries)) {
      throw sqlFileError(file.path, file.lineOf(['columns']), 'sql_file_undescribed_column', { column: name });
    }
    const frontMatter = validateObject<{
      description: string;
      unit?: string;
      nullable?: boolean;
      numeric?: boolean;
      hidden?: boolean;
      optional?: boolean;
      bucket?: string;
    }>(
      file,
      ['columns', name],
      entries[name],
      {
        description: 'text',
        unit: 'text',
        nullable: 'flag',
        numeric: 'flag',
        hidden: 'flag',
        optional: 'flag',
        bucket: 'text',
      },
      ['description'],
    );
    if (frontMatter.bucket !== undefined && !bucketLengths.includes(frontMatter.bucket))
      throw sqlFileError(file.path, file.lineOf(['columns', name, 'bucket']), 'sql_file_invalid_choice', {
        key: `columns.${name}.bucket`,
        value: frontMatter.bucket,
        suggestion: suggest(frontMatter.bucket, bucketLengths),
      });
    return { ...frontMatter, name, type, nullable: frontMatter.nullable ?? frontMatter.optional ?? false };
  });
}
