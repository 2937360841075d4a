import { castTypes, functionKinds, tableFunctions } from './warehouse/user-sql/functions.ts';
import { limits } from './warehouse/user-sql/limits.ts';

const described: Record<keyof typeof limits, string> = {
  characters: 'characters of the statement',
  tables: 'tables in `from`',
  expandedTables: 'tables, counting those of a CTE again wherever the CTE is named',
  setOperations: 'unions, intersections and differences',
  selectDepth: 'selects inside each other',
  subqueryDepth: 'selects in expressions inside each other',
  expressionDepth: 'expressions inside each other',
  lambdaDepth: 'lambdas inside each other',
  expressions: 'expressions, with aliases and macros written out',
  columns: 'columns of one select, with `*` written out',
  totalColumns: 'columns of all selects together',
  groupingSets: 'grouping sets',
  rangeElements: 'elements of `range()` and `generate_series()` outside `from`',
  repeatedLength: 'length given to `repeat()`, `lpad()` and `rpad()`; rows kept by `max(x, n)`',
  typeDepth: 'types inside each other',
  bytesPerRow: 'bytes of text and lists that functions may make for one row, in addition to the next line',
  bytesPerColumnByte: 'times the longest value in the tables',
  stepsPerCall: 'steps of one call for one row, as for `contains()` of two long texts',
  patternLength: 'characters of a pattern or format',
};

/** The page of what SQL from outside may do. */
export function sqlPage(note: string): string {
  const names = [...functionKinds.keys()].filter((name) => /^\w/.test(name)).toSorted();
  const operators = [...functionKinds.keys()].filter((name) => /^\W/.test(name)).toSorted();
  return [
    note,
    '# SQL',
    '',
    '`wattduck sql`, `/v0/sql` and delete conditions run DuckDB SQL from outside. One select is accepted that reads the tables of the sources and their',
    '`…_quarantine`, calls the functions below and keeps to the limits below; everything else is rejected before it runs. The command line may read the',
    "program's own tables too, except tokens. `show tables` lists the tables there are.",
    '',
    'DuckDB can not be interrupted, and does not count memory, while it plans a statement or inside one call of a function. A statement that could make',
    'either long or large is therefore rejected: sizes are bounded from the statistics of the tables. A statement that only runs long is cancelled after',
    '`--timeout` seconds; one that makes the process grow 384 MB beyond the memory limit is cancelled too.',
    '',
    '## Limits',
    '',
    '| at most | of |',
    '| ---: | --- |',
    ...Object.entries(limits).map(([name, max]) => `| ${max.toLocaleString('en-US')} | ${described[name as keyof typeof limits]} |`),
    '',
    'Patterns of `like`, of regular expressions and JSON paths, and formats must be constants. A recursive query may not make a longer text or list in',
    'every round. The result of `list()`, `string_agg()` and other aggregates that collect rows can be selected as it is or measured by `len()`;',
    'sort and filter inside: `list(distinct x order by x)`.',
    'Over a window with an order or a frame, `median()` and other aggregates that keep all rows are rejected: use `over (partition by …)`.',
    '',
    '## Functions',
    '',
    `In \`from\`: ${[...tableFunctions].map((name) => `\`${name}\``).join(', ')}.`,
    '',
    `Operators: ${operators.map((name) => `\`${name.replaceAll('|', '\\|')}\``).join(' ')}.`,
    '',
    names.map((name) => `\`${name}\``).join(', '),
    '',
    '## Types',
    '',
    `Values can be cast to ${[...castTypes].map((type) => `\`${type}\``).join(', ')} and \`JSON\`.`,
    '',
  ].join('\n');
}
