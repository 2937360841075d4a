import type { Bar, BarsModel } from '../model/bars.ts';
import { partNames, renderRanked } from './hbar.ts';
import { axisLabels, maxWidth, meansOf, spacedMarks, wrapItems, type Screen } from './layout.ts';
import { renderSeries } from './line.ts';
import { scaleOf } from './scale.ts';

const height = 12;
const eighths = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/** Maximum columns of a bar with the space after it. */
const maxSlot = 6;

/**
 * Upright bars from zero; a bar without a value is a gap. Parts are small lines below each other, and negative
 * values have a line per bar.
 */
export function renderBar(model: BarsModel, screen: Screen): string[] {
  const { bars } = model;
  const { width, chalk } = screen;
  const totals = bars.map(({ total }) => total);
  const names = partNames(model);
  if (names.length > 0)
    return renderSeries(
      names.map((name, series) => ({ name, values: bars.map((bar) => sumOf(bar, series)) })),
      bars.map(({ label }) => label),
      model.measure,
      screen,
    );
  if (totals.some((total) => (total ?? 0) < 0)) return renderRanked(model, {}, screen);
  for (let gutter = 1; ; gutter += 1) {
    const { values, size } = meansOf(totals, width - gutter - 1);
    const scale = scaleOf([0, ...values.filter((value) => value !== null)], height + 1);
    const labels = [...scale.labels];
    if (maxWidth(labels.map(([, label]) => label)) > gutter) continue;
    const slot = Math.min(maxSlot, Math.max(1, Math.floor((width - gutter - 1) / values.length)));
    const barWidth = slot > 1 ? slot - 1 : 1;
    const rows = Array.from({ length: scale.top }, (_, at) => {
      const row = scale.top - 1 - at;
      const label = scale.labels.get(row + 1) ?? '';
      const cells = values.map((value) => {
        const filled = value === null ? 0 : Math.max(value > 0 ? 1 : 0, Math.round(value * scale.rowsPerUnit * 8));
        const part = Math.min(8, Math.max(0, filled - row * 8));
        return eighths[part]!.repeat(barWidth) + (slot > 1 ? ' ' : '');
      });
      return chalk.dim(label.padStart(gutter) + (label ? '┤' : '│')) + chalk.cyan(cells.join('').trimEnd());
    });
    const labelTexts = values.map((_, at) => bars[at * size]!.label);
    const columns = values.length * slot;
    const marks = spacedMarks(labelTexts, Math.floor(columns / (maxWidth(labelTexts) + 2))).map(
      (at) => [at * slot + Math.floor((barWidth - 1) / 2), labelTexts[at]!] as const,
    );
    const [axis, dates] = axisLabels(marks, gutter + 1, columns, width);
    return [
      ...rows,
      chalk.dim(`${'0'.padStart(gutter)}${axis.slice(gutter)}`),
      dates,
      ...wrapItems(size > 1 ? [`column: mean of ${size} bars`] : [], width),
    ];
  }
}

/** Sum of the rows of a series in a bar; null without a value. */
function sumOf({ parts }: Bar, series: number): number | null {
  const values = parts.filter((part) => part.series === series).flatMap(({ value }) => value ?? []);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}
