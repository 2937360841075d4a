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
  What writes such files, and what is odd in them.
source: ${source.name}
# Fields that tell this format from every other.
recognise: [${source.columns
    .filter(({ required }) => required)
    .map(({ name }) => name)
    .join(', ')}]
# Texts that mean nothing, by field; * stands for every field.
sentinels:
  "*": ["NA", "#N/A"]
# Rows alike in the whole key are one row told twice (one), or so many rows (counted).
twins: one
# Where the values do not say:
# tz: Europe/Berlin
# date_order: dmy
# decimal_mark: ","
---*/
-- Each "…" names a field of the file; leave out columns it does not have.
select ${select}
from input
`;
}
