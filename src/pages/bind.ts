import {
  bucketLengths,
  type Chart,
  type Parameter,
  type RawParameters,
  type Report,
  type TileDefinition,
  type LinkRole,
} from '../catalog/definitions.ts';
import type { PageState } from './state.ts';

/** A tile with its report and chart. */
export interface BoundTile {
  tile: TileDefinition;
  report: Report;
  chart: Chart | undefined;
  /** Role of the ID in the address of the page. */
  subject: LinkRole | undefined;
}

/** The parameters of a tile's report: those of the file, and those that the page sets by their roles. */
export function tileParams({ tile, report, chart, subject }: BoundTile, state: PageState): RawParameters {
  const fixed = { ...chart?.with, ...tile.params };
  const params: RawParameters = {};
  for (const parameter of report.parameters) {
    const value = Object.hasOwn(fixed, parameter.name)
      ? undefined
      : valueOf(parameter, { tile, chart, subject }, state);
    if (value !== undefined) params[parameter.name] = value;
  }
  return { ...params, ...tile.params };
}

/** The same with the parameters of the chart, for links to other formats. */
export const linkParams = (bound: BoundTile, state: PageState): RawParameters => ({
  ...bound.chart?.with,
  ...tileParams(bound, state),
});

function valueOf(
  { role, choices }: Parameter,
  { tile, chart, subject }: Omit<BoundTile, 'report'>,
  state: PageState,
): string | undefined {
  const isIgnored = (tile.ignore as readonly string[]).includes(role?.replace(/_(start|end)$/, '') ?? '');
  if (isIgnored) return undefined;
  switch (role) {
    case 'period_start':
      return state.from;
    case 'period_end':
      return state.to;
    case 'site':
      return state.site;
    case 'charge_point':
    case 'customer':
      return subject === role ? state.subject : undefined;
    case 'currency':
      return state.currency;
    case 'time_zone':
      return state.tz;
    case 'now':
      return state.asOf;
    case 'compare':
      return state.compare !== 'off' && (chart?.kind === 'line' || chart?.kind === 'number')
        ? state.compare
        : undefined;
    case 'granularity':
      return granularityFor(state.days, choices ?? []);
    default:
      return undefined;
  }
}

/** Points of a line that remain readable. */
const maxPoints = 400;
const daysOf: Readonly<Record<string, number>> = { day: 1, week: 7, month: 30, quarter: 91, year: 365 };

/** The shortest buckets with at most so many points in the period. */
const granularityFor = (days: number, choices: readonly string[]): string | undefined =>
  bucketLengths.find((length) => choices.includes(length) && days / daysOf[length]! <= maxPoints);
