import type { Parameter, RawParameters, Report } from '../catalog/definitions.ts';
import { findRole } from '../catalog/period-parameters.ts';
import { clipValue, plainLine } from '../text/plain-text.ts';

/**
 * The selection of a report's rows: charge point, site, customer and period.
 * @param zone time zone to add to the period
 */
export function selectionOf(report: Report, rawValues: RawParameters, zone?: string): string[] {
  const value = (role: Parameter['role']): string | undefined => {
    const name = findRole(report, role!)?.name;
    const text = name === undefined ? undefined : rawValues[name];
    return text === undefined ? undefined : clipValue(plainLine(text));
  };
  const [from, to] = [value('period_start'), value('period_end')];
  const period =
    from === undefined
      ? to === undefined
        ? []
        : [`to ${to}`]
      : [to === undefined ? `from ${from}` : from === to ? from : `${from} to ${to}`];
  return [
    ...(['charge_point', 'site', 'customer'] as const).flatMap((role) => value(role) ?? []),
    ...(zone === undefined ? period : period.map((text) => `${text} (${zone})`)),
  ];
}
