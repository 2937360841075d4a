import { outputColumns, type ReportColumn } from '../../catalog/definitions.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { isNumeric } from '../../render/cells.ts';
import type { ReportStream } from '../../reports/run-report.ts';
import { clipped } from '../../text/plain-text.ts';
import type { Cell } from '../../warehouse/values.ts';

/** Most rows that make metrics: all of them are in memory at once, and no scraper takes more. */
const maxRows = 10_000;

/**
 * Numbers of an answer as gauges, its texts and its key as their labels: the text format of Prometheus 0.0.4.
 * @throws WattduckError (usage) for more rows than make metrics
 */
export async function* prometheusText({ report, chunks }: ReportStream): AsyncGenerator<string> {
  const columns = outputColumns(report);
  const isLabel = (column: ReportColumn): boolean => !isNumeric(column) || report.key.includes(column.name);
  const numbers = columns.filter((column) => !isLabel(column));
  const labels = columns.filter(isLabel);
  let rowCount = 0;
  // All samples of one gauge must stand together.
  const samples = numbers.map((): string[] => []);
  for await (const rows of chunks) {
    rowCount += rows.length;
    if (rowCount > maxRows)
      throw new WattduckError(
        'usage',
        clipped`more than ${maxRows} rows are no metrics`,
        'Choose fewer with limit or the filters, or another format.',
      );
    for (const row of rows) {
      const pairs = labels
        .filter(({ name }) => row[name] !== null && row[name] !== undefined)
        .map(({ name }) => `${sanitizeName(name)}="${escapeLabel(row[name]!)}"`);
      const labelText = pairs.length > 0 ? `{${pairs.join(',')}}` : '';
      for (const [at, { name }] of numbers.entries())
        if (row[name] !== null && row[name] !== undefined)
          samples[at]!.push(`${metricName(report.name, name)}${labelText} ${String(row[name])}`);
    }
  }
  for (const [at, column] of numbers.entries())
    yield `${metricHeader(report.name, column)}${samples[at]!.map((line) => `${line}\n`).join('')}`;
}

const metricName = (report: string, column: string): string =>
  `wattduck_${sanitizeName(report)}_${sanitizeName(column)}`;

/** Names of a user's own columns may have letters Prometheus has not. */
const sanitizeName = (name: string): string => name.replaceAll(/\W/g, '_').replace(/^\d/, '_$&');

const metricHeader = (report: string, { name, description, unit }: ReportColumn): string =>
  `# HELP ${metricName(report, name)} ${`${description}${unit ? ` [${unit}]` : ''}`.replaceAll('\\', '\\\\').replaceAll('\n', ' ')}\n# TYPE ${metricName(report, name)} gauge\n`;

const escapeLabel = (cell: Cell): string =>
  (typeof cell === 'object' ? JSON.stringify(cell) : String(cell))
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n');
