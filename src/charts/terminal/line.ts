import type { Measure } from '../measure.ts';
import type { LineModel } from '../model/line.ts';
import { renderFanChart } from './fan.ts';
import { labelColumn, maxWidth, meansOf, padStart, sparkText, wrapItems, type Screen } from './layout.ts';

/** One line as a plot; several as small lines below each other on one scale. */
export function renderLine(model: LineModel, screen: Screen): string[] {
  if (model.lines.length === 1) {
    const noun = model.step === undefined ? 'values' : `${model.step}s`;
    const points = model.lines[0]!.points.map(({ label, y }) => ({
      day: label,
      actual: y,
      value: null,
      low: null,
      high: null,
    }));
    const colour = screen.chalk.level > 0;
    return renderFanChart(points, { width: screen.width, height: 14, colour, noun, isPlain: true }).split('\n');
  }
  const points = model.lines[0]?.points ?? [];
  return renderSeries(
    model.lines.map((line) => ({ name: line.name!, values: line.points.map(({ y }) => y) })),
    points.map(({ label }) => label),
    model.measure,
    screen,
  );
}

/** Series as small lines below each other, on one scale from zero. */
export function renderSeries(
  lines: readonly { name: string; values: readonly (number | null)[] }[],
  xLabels: readonly string[],
  measure: Measure,
  { width, chalk }: Screen,
): string[] {
  const known = lines.flatMap(({ values }) => values.filter((value) => value !== null));
  const [min, max] = [known.reduce((a, b) => Math.min(a, b), 0), known.reduce((a, b) => Math.max(a, b), 0)];
  const labels = labelColumn(
    lines.map(({ name }) => name),
    width,
  );
  const last = lines.map(({ values }) => {
    const value = values.findLast((each) => each !== null) ?? null;
    return value === null ? '–' : measure.formatShort(value);
  });
  const lastWidth = maxWidth(last);
  const available = width - maxWidth(labels) - lastWidth - 4;
  const size = Math.max(1, Math.ceil(xLabels.length / available));
  const columns = Math.ceil(xLabels.length / size);
  const ends = [xLabels[0]!, xLabels.at(-1)!] as const;
  const left = maxWidth(labels) + 2;
  const gap = Math.max(1, columns - ends[0].length - ends[1].length);
  return [
    ...lines.map(({ values }, at) => {
      const { values: means } = meansOf(values, available);
      return `${labels[at]!}  ${chalk.cyan(sparkText(means, min, max))}  ${padStart(last[at]!, lastWidth)}`;
    }),
    chalk.dim(`${' '.repeat(left)}${ends[0]}${' '.repeat(gap)}${ends[1]}`),
    ...wrapItems(
      [
        `scale ${measure.formatBound(min)} to ${measure.formatBound(max)}`,
        'last value at the right',
        ...(size > 1 ? [`column: mean of ${size} values`] : []),
      ],
      width,
    ),
  ];
}
