import { outputColumns, type ReportColumn } from '../../catalog/definitions.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { isNumeric } from '../../render/cells.ts';
import type { ReportStream } from '../../reports/run-report.ts';
import { formatCount } from '../../text/format-number.ts';
import type { Cell } from '../../warehouse/values.ts';

/** Max rows: they are all in memory at once, and scrapers limit the number of series. */
const maxRows = 10_000;

/**
 * A report in the Prometheus text format 0.0.4: numbers as gauges, with text and key columns as labels.
 * @throws WattduckError (too_many_metrics)
 */
export async function* prometheusText({ report, chunks }: ReportStream): AsyncGenerator<string> {
  const columns = outputColumns(report);
  const isLabel = (column: ReportColumn): boolean => !isNumeric(column) || report.key.includes(column.name);
  const numbers = columns.filter((column) => !isLabel(column));
  const labels = columns.filter(isLabel);
  let rowCount = 0;
  // The format requires all samples of a gauge in one block.
  const samples = numbers.map((): string[] => []);
  for await (const rows of chunks) {
    rowCount += rows.length;
    if (rowCount > maxRows) throw new WattduckError('too_many_metrics', { max: formatCount(maxRows) });
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

/** A metric or label name: columns of user reports may contain characters Prometheus rejects. */
const sanitizeName = (name: string): string => name.replaceAll(/\W/g, '_').replace(/^\d/, '_$&');

const metricHeader = (report: string, { name, description, unit }: ReportColumn): string =>
  `# HELP ${metricName(report, name)} ${`${description}${unit ? ` [${unit}]` : ''}`.replaceAll('\\', '\\\\').replaceAll('\n', ' ')}\n# TYPE ${metricName(report, name)} gauge\n`;

const escapeLabel = (cell: Cell): string =>
  (typeof cell === 'object' ? JSON.stringify(cell) : String(cell))
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n');
