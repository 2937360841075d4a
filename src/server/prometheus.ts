import { answered, type ReportColumn } from '../catalog/definitions.ts';
import type { Running } from '../warehouse/run-report.ts';
import type { Cell } from '../warehouse/values.ts';
import { isNumeric } from '../render/cells.ts';

/** Numbers of an answer as gauges, its texts as their labels: the text format of Prometheus 0.0.4. */
export async function* prometheusText({ report, chunks }: Running): AsyncGenerator<string> {
  const columns = answered(report);
  const numbers = columns.filter(isNumeric);
  const labels = columns.filter((column) => !isNumeric(column));
  // All samples of one gauge must stand together.
  const samples = numbers.map((): string[] => []);
  for await (const rows of chunks) {
    for (const row of rows) {
      const pairs = labels.filter(({ name }) => row[name] !== null && row[name] !== undefined).map(({ name }) => `${name}="${escaped(row[name]!)}"`);
      const labelled = pairs.length > 0 ? `{${pairs.join(',')}}` : '';
      for (const [at, { name }] of numbers.entries()) if (row[name] !== null && row[name] !== undefined) samples[at]!.push(`${nameOf(report.name, name)}${labelled} ${String(row[name])}`);
    }
  }
  for (const [at, column] of numbers.entries()) yield `${headOf(report.name, column)}${samples[at]!.map((line) => `${line}\n`).join('')}`;
}

const nameOf = (report: string, column: string): string => `wattduck_${report}_${column}`;

const headOf = (report: string, { name, description, unit }: ReportColumn): string =>
  `# HELP ${nameOf(report, name)} ${`${description}${unit ? ` [${unit}]` : ''}`.replaceAll('\\', '\\\\').replaceAll('\n', ' ')}\n# TYPE ${nameOf(report, name)} gauge\n`;

const escaped = (cell: Cell): string =>
  (typeof cell === 'object' ? JSON.stringify(cell) : String(cell)).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
