import { formatChange } from '../charts/heading.ts';
import type { FigureModel } from '../charts/model/figure.ts';
import { sparkline } from '../charts/model/sparkline.ts';
import { formatCount } from '../text/format-number.ts';
import { escapeHtml } from '../text/html.ts';

const [sparkWidth, sparkHeight] = [200, 36];

/** A figure: its value, its change, further figures, and a small line of its values. */
export function figureHtml(model: FigureModel, label: string): string {
  const { measure, value, level, more, values, at } = model;
  const className = value === null ? 'value unknown' : level === undefined ? 'value' : `value ${level}`;
  return [
    `<p class="${className}">${valueHtml(model)}</p>`,
    ...changeHtml(model),
    ...(more.length > 0 || at !== undefined
      ? [
          `<p class="more">${[
            ...(at === undefined ? [] : [`on ${at}`]),
            ...more.map((each) => `${each.label} ${each.text}`),
          ]
            .map((text) => `<span>${escapeHtml(text)}</span>`)
            .join(' ')}</p>`,
        ]
      : []),
    ...(values.length > 1 ? [sparklineHtml(model, `${label}: ${measure.label.toLowerCase()} over time`)] : []),
  ].join('\n');
}

/** The value with its unit, without decimals if it is large; the exact one is in the tooltip. */
function valueHtml({ measure, value }: FigureModel): string {
  if (value === null) return 'no value';
  const text = shortText(measure, value);
  const number = withoutUnit(measure, text);
  const unit = number === text ? undefined : measure.unit;
  return `<data value="${value}" title="${escapeHtml(measure.format(value))}">${escapeHtml(number)}</data>${
    unit === undefined ? '' : ` <span class="unit">${escapeHtml(unit)}</span>`
  }`;
}

/** A value with its unit, without decimals if it is large. */
const shortText = (measure: FigureModel['measure'], value: number): string =>
  Math.abs(value) < 1000
    ? measure.format(value)
    : measure.format(value).replace(/^-?[\d,]+\.\d+/, formatCount(Math.round(value)));

/** A text without the unit at its end. */
const withoutUnit = ({ unit }: FigureModel['measure'], text: string): string =>
  unit !== undefined && text.endsWith(` ${unit}`) ? text.slice(0, -unit.length - 1) : text;

/** The change since the earlier period: relative, or in points for shares. */
function changeHtml({ measure, value, before, change, isGood }: FigureModel): string[] {
  if (before === null) return [];
  const isShare = measure.unit === '%';
  const difference = value === null ? null : isShare ? Number((value - before).toFixed(1)) : change;
  const earlier = `<span class="soft">from ${escapeHtml(withoutUnit(measure, shortText(measure, before)))}</span>`;
  if (difference === null) return [`<p class="delta">${earlier}</p>`];
  if (difference === 0) return [`<p class="delta">unchanged ${earlier}</p>`];
  const [arrow, sign] = difference > 0 ? ['▲', '+'] : ['▼', '−'];
  const text = isShare ? `${Math.abs(difference).toFixed(1)} points` : formatChange(difference);
  const className = isGood === undefined ? 'delta' : `delta ${isGood ? 'up' : 'down'}`;
  return [`<p class="${className}"><span class="change">${arrow} ${sign}${escapeHtml(text)}</span> ${earlier}</p>`];
}

/** A line of all values, as wide as the tile; gaps stay open. */
function sparklineHtml(model: FigureModel, label: string): string {
  const { path } = sparkline(model, { left: 0, top: 0, width: sparkWidth, height: sparkHeight });
  return `<svg class="spark" viewBox="0 0 ${sparkWidth} ${sparkHeight}" preserveAspectRatio="none" role="img" aria-label="${escapeHtml(label)}"><path d="${path}" fill="none" stroke="var(--accent)" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke"/></svg>`;
}
