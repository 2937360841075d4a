import type { DateStep } from './dates.ts';
import type { Look } from './look.ts';
import type { Measure } from './measure.ts';
import type { ChartModel } from './model/model.ts';
import { isFarFromZero } from './scale.ts';
import { formatCount, pluralize } from '../text/format-number.ts';

/** Column and unit, period, zone and rows left out: `Energy in kWh by week · Europe/Berlin · 12 of 54`. */
export function subtitleOf(model: ChartModel, title: string, rowCount: number, look: Look): string {
  const { measure } = model;
  // A number of sessions needs no unit.
  const unit = measure.unit === undefined || measure.unit === measure.label.toLowerCase() ? '' : ` in ${measure.unit}`;
  const what = `${measure.label}${unit}${stepText(model)}`;
  return [
    // The title may say it all.
    ...(what.toLowerCase() === title.toLowerCase() ? [] : [what]),
    ...axisStart(model),
    ...(model.kind === 'number' && model.at !== undefined ? [`on ${model.at}`] : []),
    ...(look.context ?? []),
    ...leftOut(model, rowCount, look),
  ].join(' · ');
}

/** Where the axis begins, if that is not zero. */
function axisStart(model: ChartModel): string[] {
  if (model.kind !== 'line' && model.kind !== 'fan') return [];
  const values =
    model.kind === 'line'
      ? model.lines.flatMap(({ points }) => points.flatMap(({ y, before }) => [y, before]))
      : model.points.flatMap(({ actual, value, low, high }) => [actual, value, low, high]);
  const known = values.filter((value) => value !== null);
  const [min, max] = [
    known.reduce((a, b) => Math.min(a, b), Infinity),
    known.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  return known.length > 0 && isFarFromZero(min, max) ? ['axis does not start at 0'] : [];
}

const stepText = (model: ChartModel): string => {
  const step: DateStep | undefined = 'step' in model ? model.step : undefined;
  return step === undefined ? '' : ` by ${step}`;
};

/** Labels beyond the first ones, and rows beyond the limit, which the chart leaves out. */
export function leftOut(model: ChartModel, rowCount: number, { total }: Look): string[] {
  const [drawn, all] =
    model.kind === 'line'
      ? [model.lines.length, model.count]
      : model.kind === 'bar' || model.kind === 'hbar'
        ? [model.bars.length, model.kind === 'bar' ? model.bars.length : model.count]
        : model.kind === 'heatmap' || model.kind === 'strip'
          ? [model.rows.length, model.count]
          : [0, 0];
  // With one row per label, the labels that are not drawn are the rows that were not read.
  const hasRowPerLabel = model.kind === 'hbar' && model.series.length === 0;
  const allLabels = hasRowPerLabel ? Math.max(all, total ?? 0) : all;
  return [
    ...(drawn < allLabels ? [`${formatCount(drawn)} of ${formatCount(allLabels)}`] : []),
    ...(!hasRowPerLabel && total !== undefined && total > rowCount
      ? [`first ${formatCount(rowCount)} of ${formatCount(total)} rows`]
      : []),
  ];
}

/** A sentence about the values, for people who do not see the chart. */
export function summaryOf(model: ChartModel, rowCount: number, look: Look): string {
  const notes = leftOut(model, rowCount, look).map((each) => `, ${each}`);
  if (rowCount === 0) return `${model.measure.label}: no rows.`;
  if (model.kind === 'number') return figureSummary(model);
  if (model.kind === 'fan') return fanSummary(model);
  const points = pointsOf(model);
  const known = points.filter((point): point is { label: string; value: number } => point.value !== null);
  const gaps = points.length - known.length;
  const range = rangeText(known, model.measure);
  return `${model.measure.label}: ${pluralize(points.length, 'value')}${range}${gaps > 0 ? `, ${formatCount(gaps)} without a value` : ''}${notes.join('')}.`;
}

/** Labels and values of the marks. */
function pointsOf(model: Exclude<ChartModel, { kind: 'number' | 'fan' }>): { label: string; value: number | null }[] {
  if (model.kind === 'line')
    return model.lines.flatMap(({ name, points }) =>
      points
        .filter(({ tip }) => tip !== undefined)
        .map(({ label, y }) => ({ label: name === undefined ? label : `${name}, ${label}`, value: y })),
    );
  if ('bars' in model)
    return model.bars.filter(({ parts }) => parts.length > 0).map(({ label, total }) => ({ label, value: total }));
  return model.rows.flatMap(({ label, cells }) =>
    cells.map(({ column, value }) => ({
      label: [label, model.columns[column]!].filter(Boolean).join(', '),
      value,
    })),
  );
}

function rangeText(known: readonly { label: string; value: number }[], measure: Measure): string {
  if (known.length === 0) return '';
  const highest = known.reduce((a, b) => (b.value > a.value ? b : a));
  const lowest = known.reduce((a, b) => (b.value < a.value ? b : a));
  if (highest.value === lowest.value) return `, ${known.length > 1 ? 'all ' : ''}${measure.format(highest.value)}`;
  return `, highest ${measure.format(highest.value)} (${highest.label}), lowest ${measure.format(lowest.value)} (${lowest.label})`;
}

function figureSummary({ measure, value, before, change, more }: Extract<ChartModel, { kind: 'number' }>): string {
  const compared = before === null ? '' : `, ${changeText(change)} from ${measure.format(before)}`;
  return `${measure.label}: ${measure.format(value)}${compared}${more.map(({ label, text }) => `, ${label.toLowerCase()} ${text}`).join('')}.`;
}

/** A relative change in words. */
export function changeText(change: number | null): string {
  if (change === null) return 'changed';
  if (change === 0) return 'unchanged';
  return `${change > 0 ? 'up' : 'down'} ${formatChange(change)}`;
}

/** A relative change without its sign: `6.2 %`. */
export const formatChange = (change: number): string => `${formatPercent(Math.abs(change) * 100)} %`;

const formatPercent = (value: number): string => (value >= 1000 ? formatCount(Math.round(value)) : value.toFixed(1));

function fanSummary({ measure, points }: Extract<ChartModel, { kind: 'fan' }>): string {
  const actual = points.filter((point) => point.actual !== null);
  const forecast = points.filter((point) => point.value !== null);
  const parts = [
    ...(actual.length > 0 ? [`${pluralize(actual.length, 'day')} up to ${actual.at(-1)!.day}`] : []),
    ...(forecast.length > 0
      ? [`forecast of ${pluralize(forecast.length, 'day')}, ${forecast.at(-1)!.tip.replace(/: forecast /, ': ')}`]
      : []),
  ];
  return `${measure.label}: ${parts.join('; ')}.`;
}
