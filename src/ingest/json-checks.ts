import { normalizeHeader } from '../text/names.ts';
import { literal } from '../warehouse/duckdb.ts';
import type { RowCheck } from './row-check.ts';
import { mappedFields, readerColumn, rowColumn, type ReadPlan } from './text-rows.ts';

/**
 * Checks for objects with two keys that are one name in different spelling, such as `id` and `ID`, and different values.
 * `columns` are the expressions that the checks need, by name.
 */
export function keyConflictChecks(plan: ReadPlan): { columns: Record<string, string>; checks: RowCheck[] } {
  const conflicts = [...plan.fieldMap].flatMap(([field, names]) =>
    names.flatMap((name, at) =>
      names
        .slice(at + 1)
        .filter((other) => normalizeHeader(other) === normalizeHeader(name))
        .map((other) => ({ column: columnOf(plan, field), name, other })),
    ),
  );
  return {
    columns: Object.fromEntries(
      conflicts.map(({ name, other }, place) => [
        rowColumn.keyConflict(place),
        `${readerColumn(plan, name)} <> ${readerColumn(plan, other)}`,
      ]),
    ),
    checks: conflicts.map(({ column, name, other }, place) => ({
      when: rowColumn.keyConflict(place),
      column,
      reason: `differs between the keys ${name} and ${other}`,
    })),
  };
}

/** A column that a field of the file is imported into. */
const columnOf = ({ source, mapping }: ReadPlan, field: string): string =>
  mapping
    ? (mapping.targetColumns.find((column) => mapping.sourceFields[column]?.includes(field)) ?? source.key[0]!)
    : field;

/** SQL for the first key that a JSON object has more than once with different values, of the keys that are read. */
export function repeatedKey(plan: ReadPlan, text: string): string {
  const [keys, values] = [`json_keys(${text})`, `json_extract(${text}, '$.*')`];
  const used = mappedFields(plan).map(literal).join(', ');
  if (used === '') return 'null::varchar';
  const valuesOf = `list_transform(list_filter(range(1, len(${keys}) + 1), lambda i: ${keys}[i] = key), lambda i: ${values}[i]::varchar)`;
  return `case when len(${keys}) <> len(list_distinct(${keys}))
    then list_filter(list_distinct(${keys}), lambda key: key in (${used}) and len(list_distinct(${valuesOf})) > 1)[1] end`;
}
