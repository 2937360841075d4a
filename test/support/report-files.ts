import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { scratch } from './cli.ts';

export interface ReportText {
  /** Front-matter lines besides title, description and columns. */
  frontMatter?: readonly string[];
  /** Columns of the statement. */
  columns: readonly string[];
  key?: readonly string[];
  sql: string;
}

/** Writes custom reports into a folder, for `sqlDirs`. */
export function writeReports(reports: Record<string, ReportText>): string {
  const folder = scratch();
  for (const [name, { frontMatter = [], columns, key = [columns[0]!], sql }] of Object.entries(reports)) {
    const path = join(folder, 'reports/mine', `${name}.sql`);
    mkdirSync(dirname(path), { recursive: true });
    const lines = [
      '/*---',
      `title: ${name}`,
      'description: A report of the user.',
      ...frontMatter,
      'columns:',
      ...columns.map((column) => `  ${column}: { description: Of ${column} }`),
      `key: [${key.join(', ')}]`,
      `sort: { default: ${columns[0]}, allow: [] }`,
      'page: { kind: limit, default: 10, max: 10000000 }',
      'answer: { shape: tinybird }',
      '---*/',
      sql,
      '',
    ];
    writeFileSync(path, lines.join('\n'));
  }
  return folder;
}
