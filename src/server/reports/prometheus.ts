import { outputColumns, type ReportColumn } from '../../catalog/definitions.ts';
import { WattduckError } from '../../errors.ts';
import { clipped } from '../../text/plain-text.ts';
import type { ReportStream } from '../../reports/run-report.ts';
import type { Cell } from '../../warehouse/values.ts';
import { isNumeric } from '../../render/cells.ts';

/** Most rows that make metrics: all of them are in memory at once, and no scraper takes more. */
const mostRows = 10_000;

/**
 * Numbers of an answer as gauges, its texts and its key as their labels: the text format of Prometheus 0.0.4.
 * @throws WattduckError (usage) for more rows than make metrics
 */
export async function* prometheusText({ report, chunks }: ReportStream): AsyncGenerator<string> {
  const columns = outputColumns(report);
  const isLabel = (column: ReportColumn): boolean => !isNumeric(column) || report.key.includes(column.name);
  const numbers = columns.filter((column) => !isLabel(column));
  const labels = columns.filter(isLabel);
  let read = 0;
  // All samples of one gauge must stand together.
  const samples = numbers.map((): string[] => []);
  for await (const rows of chunks) {
    read += rows.length;
    if (read > mostRows)
      throw new WattduckError(
        'usage',
        clipped`more than ${mostRows} rows are no metrics`,
        'Choose fewer with limit or the filters, or another format.',
      );
    for (const row of rows) {
      const pairs = labels
        .filter(({ name }) => row[name] !== null && row[name] !== undefined)
        .map(({ name }) => `${plainName(name)}="${escaped(row[name]!)}"`);
      const labelled = pairs.length > 0 ? `{${pairs.join(',')}}` : '';
      for (const [at, { name }] of numbers.entries())
        if (row[name] !== null && row[name] !== undefined)
          samples[at]!.push(`${nameOf(report.name, name)}${labelled} ${String(row[name])}`);
    }
  }
  for (const [at, column] of numbers.entries())
    yield `${headOf(report.name, column)}${samples[at]!.map((line) => `${line}\n`).join('')}`;
}

const nameOf = (report: string, column: string): string => `wattduck_${plainName(report)}_${plainName(column)}`;

/** Names of a user's own columns may have letters Prometheus has not. */
const plainName = (name: string): string => name.replaceAll(/\W/g, '_').replace(/^\d/, '_$&');

const headOf = (report: string, { name, description, unit }: ReportColumn): string =>
  `# HELP ${nameOf(report, name)} ${`${description}${unit ? ` [${unit}]` : ''}`.replaceAll('\\', '\\\\').replaceAll('\n', ' ')}\n# TYPE ${nameOf(report, name)} gauge\n`;

const escaped = (cell: Cell): string =>
  (typeof cell === 'object' ? JSON.stringify(cell) : String(cell))
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n');
