import type { Catalog } from '../catalog/catalog.ts';
import type { SourceColumn } from '../catalog/definitions.ts';
import { identifier, literal } from './duckdb.ts';

const redactedText = '[redacted]';

/** SQL expressions that hide personal values, by table and column; null stays null. */
export async function redactions(catalog: Catalog): Promise<Map<string, Record<string, string>>> {
  const replacements = new Map<string, Record<string, string>>();
  for (const { name, columns } of await catalog.sources()) {
    const personalColumns = columns.filter((column) => column.personal);
    if (personalColumns.length > 0)
      replacements.set(name, Object.fromEntries(personalColumns.map((column) => [column.name, redactedSql(column)])));
  }
  // Rejected rows are stored with their original text.
  const sources = [...replacements.keys()].map(literal).join(', ');
  const redactRejected = (column: string): string =>
    `case when source in (${sources}) and ${column} is not null then ${literal(redactedText)} else ${column} end`;
  replacements.set('quarantine', { value: redactRejected('value'), raw: redactRejected('raw') });
  return replacements;
}

function redactedSql({ name, type }: SourceColumn): string {
  if (type === 'VARCHAR') return `case when ${identifier(name)} is not null then ${literal(redactedText)} end`;
  return type === 'JSON'
    ? `case when ${identifier(name)} is not null then '{"redacted":true}'::json end`
    : `null::${type}`;
}
