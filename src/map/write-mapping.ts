import { stringify } from 'yaml';
import type { Proposal } from './proposal.ts';
import type { TableFacts } from './facts.ts';

/** Columns whose names are SQL keywords. */
const quotedColumns = new Set(['timestamp', 'end', 'start', 'order']);

/** The mapping file of a proposal. */
export function mappingText(proposal: Proposal, facts: TableFacts, title: string, description: string): string {
  const used = new Set(proposal.fields.flatMap(({ from }) => from));
  const fieldNames = (names: readonly string[]): string[] => [
    ...new Set(names.map((name) => facts.columns.find((column) => column.name === name)!.field)),
  ];
  const read = fieldNames([...used]);
  const ignored = fieldNames(facts.columns.map(({ name }) => name)).filter((name) => !read.includes(name));
  const frontMatter = {
    title,
    description,
    source: proposal.source,
    detect_by: fieldNames(facts.columns.map(({ name }) => name).filter((name) => used.has(name))),
    ...(ignored.length > 0 ? { ignored_fields: ignored } : {}),
    ...(Object.keys(proposal.nullValues).length > 0 ? { null_values: proposal.nullValues } : {}),
    ...(proposal.keepsDuplicates ? { duplicates: 'keep' } : {}),
    ...(proposal.keyFrom.length > 0 ? { key_from: proposal.keyFrom } : {}),
    ...(proposal.separateBy.length > 0 ? { separate_by: proposal.separateBy } : {}),
    ...(proposal.zone ? { tz: proposal.zone } : {}),
    ...(proposal.dateOrder ? { date_order: proposal.dateOrder } : {}),
    ...(proposal.decimalMark ? { decimal_mark: proposal.decimalMark } : {}),
  };
  const items = proposal.fields.map(({ column, sql, reasons }, place) => {
    const name = quotedColumns.has(column) ? `"${column}"` : column;
    const comma = place < proposal.fields.length - 1 ? ',' : '';
    const reason = reasons
      .filter((each) => each !== 'name')
      .join('; ')
      .replaceAll(/[\r\n]+/g, ' ');
    return `${sql} as ${name}${comma}${reason === '' ? '' : ` -- ${reason}`}`;
  });
  return `/*---\n${frontMatterText(frontMatter)}---*/\nselect ${items.join('\n       ')}\nfrom input\n`;
}

// The end of a comment in a name must not end the front matter.
function frontMatterText(frontMatter: object): string {
  const text = stringify(frontMatter, { lineWidth: 0 });
  return text.includes('*/')
    ? stringify(frontMatter, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE' }).replaceAll('*/', String.raw`*\/`)
    : text;
}
