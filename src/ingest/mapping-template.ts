import type { Source } from '../catalog/definitions.ts';

/** A mapping to begin with: every column of the source, to be made of the file's fields. */
export function mappingTemplate(source: Source): string {
  const columns = source.columns.map(({ name, required, unit, description }) => {
    const field = name.replaceAll(
      /(^|_)(\w)/g,
      (_, gap: string, letter: string) => `${gap && ' '}${letter.toUpperCase()}`,
    );
    return [
      `"${field}" as ${/^(timestamp|end|start|order)$/.test(name) ? `"${name}"` : name}`,
      `${required ? 'required: ' : ''}${description}${unit ? ` [${unit}]` : ''}`,
    ];
  });
  const select = columns
    .map(([expression, note], at) => `       ${expression}${at < columns.length - 1 ? ',' : ''} -- ${note}`)
    .join('\n')
    .trimStart();
  return `/*---
title: My export
description: >-
  Which system exports these files, and any peculiarities.
source: ${source.name}
# Fields that identify this format.
detect_by: [${source.columns
    .filter(({ required }) => required)
    .map(({ name }) => name)
    .join(', ')}]
# Further fields of the format that are not imported.
ignored_fields: []
# Texts to import as null, by field; * stands for every field.
null_values:
  "*": ["NA", "#N/A"]
# Rows with the same key: merge them into one, or keep each as a row of its own.
duplicates: merge
# If the file has no ID, make the key of columns that do not change, and do not select the key:
# key_from: [${source.columns
    .filter(({ name, required }) => required && !source.key.includes(name))
    .map(({ name }) => name)
    .join(', ')}]
# Rows to skip, such as totals:
# skip_when: '"…" = ''Total'''
# If the values do not say so themselves:
# tz: Europe/Berlin
# date_order: dmy
# decimal_mark: ","
---*/
-- Each "…" is a field of the file; remove the columns the file does not have.
-- Functions for values: times("Wh", 0.001), day_and_time("Date", "Time"), "Time" || zone_offset("Zone"), clock_seconds("Duration"),
-- member("JSON", '$.key'). A value that cannot be computed rejects its row. See docs/mappings.md.
select ${select}
from input
`;
}
