import type { Parameter, ParameterRole } from './definitions.ts';

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

/** The parameter with a role. */
export const findRole = (
  { parameters }: { parameters: readonly Parameter[] },
  role: ParameterRole,
): Parameter | undefined => parameters.find((parameter) => parameter.role === role);

/**
 * A named period that replaces a bound, if the report has one: a required bound may be left out then.
 * @param parameters all parameters of the report
 */
export const periodInsteadOf = ({ role }: Parameter, parameters: readonly Parameter[]): Parameter | undefined =>
  role === 'period_start' || role === 'period_end' ? findRole({ parameters }, 'period') : undefined;

/** Whether a report has a period: a start and an end. */
export const hasPeriod = (parameters: readonly Parameter[]): boolean =>
  findRole({ parameters }, 'period_start') !== undefined && findRole({ parameters }, 'period_end') !== undefined;

/** The name of a parameter for people: bounds are from and to in every report. */
export const shownName = (parameter: Pick<Parameter, 'name' | 'aliases'>): string =>
  namesOf(parameter).find((name) => name === 'from' || name === 'to') ?? parameter.name;
