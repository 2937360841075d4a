import type { Parameter } from './definitions.ts';

/** Names of the bounds of a period that every report accepts. */
const boundNames: Readonly<Record<string, readonly string[]>> = {
  period_start: ['from', 'start_date'],
  period_end: ['to', 'end_date'],
};

/** Parameters with the other names of their bounds, as far as no parameter has them. */
export function withBoundAliases(parameters: readonly Parameter[]): Parameter[] {
  const names = new Set(parameters.flatMap(({ name, short }) => [name, short ?? name]));
  return parameters.map((parameter) => {
    const aliases = (boundNames[parameter.role ?? ''] ?? []).filter((name) => !names.has(name));
    const isOnly = parameters.filter(({ role }) => role === parameter.role).length === 1;
    return aliases.length > 0 && isOnly ? { ...parameter, aliases } : parameter;
  });
}

/** The name and the other names of a parameter. */
export const namesOf = ({ name, aliases = [] }: Pick<Parameter, 'name' | 'aliases'>): string[] => [name, ...aliases];

/** Whether a report has a period: a start and an end. */
export const hasPeriod = (parameters: readonly Parameter[]): boolean =>
  ['period_start', 'period_end'].every((role) => parameters.some((parameter) => parameter.role === role));
