import type { Catalog } from '../catalog/catalog.ts';
import type { SourceColumn } from '../catalog/definitions.ts';
import { identifier, literal } from './engine.ts';

const hiddenText = '[redacted]';

/** SQL that stands for what tells of a person, by table and column: it says that there is something, not what. */
export async function withoutPersons(catalog: Catalog): Promise<Map<string, Record<string, string>>> {
  const instead = new Map<string, Record<string, string>>();
  for (const { name, columns } of await catalog.sources()) {
    const personal = columns.filter((column) => column.personal);
    if (personal.length > 0)
      instead.set(name, Object.fromEntries(personal.map((column) => [column.name, hidden(column)])));
  }
  // Rejected rows are kept as they were written.
  const sources = [...instead.keys()].map(literal).join(', ');
  const unlessPersonal = (column: string): string =>
    `case when source in (${sources}) and ${column} is not null then ${literal(hiddenText)} else ${column} end`;
  instead.set('quarantine', { value: unlessPersonal('value'), raw: unlessPersonal('raw') });
  return instead;
}

function hidden({ name, type }: SourceColumn): string {
  if (type === 'VARCHAR') return `case when ${identifier(name)} is not null then ${literal(hiddenText)} end`;
  return type === 'JSON'
    ? `case when ${identifier(name)} is not null then '{"redacted":true}'::json end`
    : `null::${type}`;
}
