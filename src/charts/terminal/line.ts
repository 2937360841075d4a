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
  return renderLines(model, screen);
}

function renderLines({ lines, measure }: LineModel, { width, chalk }: Screen): string[] {
  const known = lines.flatMap(({ points }) => points.flatMap(({ y }) => y ?? []));
  const [min, max] = [known.reduce((a, b) => Math.min(a, b), 0), known.reduce((a, b) => Math.max(a, b), 0)];
  const labels = labelColumn(
    lines.map(({ name }) => name!),
    width,
  );
  const last = lines.map(({ points }) => {
    const value = points.findLast(({ y }) => y !== null)?.y ?? null;
    return value === null ? '–' : measure.formatShort(value);
  });
  const lastWidth = maxWidth(last);
  const available = width - maxWidth(labels) - lastWidth - 4;
  const points = lines[0]!.points;
  const { size } = meansOf(
    points.map(() => null),
    available,
  );
  const columns = Math.ceil(points.length / size);
  const ends = [points[0]!.label, points.at(-1)!.label] as const;
  const left = maxWidth(labels) + 2;
  const gap = Math.max(1, columns - ends[0].length - ends[1].length);
  return [
    ...lines.map(({ points: own }, at) => {
      const { values } = meansOf(
        own.map(({ y }) => y),
        available,
      );
      return `${labels[at]!}  ${chalk.cyan(sparkText(values, min, max))}  ${padStart(last[at]!, lastWidth)}`;
    }),
    chalk.dim(`${' '.repeat(left)}${ends[0]}${' '.repeat(gap)}${ends[1]}`),
    ...wrapItems(
      [
        `scale ${measure.formatShort(min)} to ${measure.formatShort(max)}`,
        'last value at the right',
        ...(size > 1 ? [`column: mean of ${size} values`] : []),
      ],
      width,
    ),
  ];
}
