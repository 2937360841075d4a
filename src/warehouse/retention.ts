import { WattduckError } from '../errors/wattduck-error.ts';

/** How long events of a type are kept. */
export interface KeepRule {
  /** Event type in lower case. */
  type: string;
  days: number;
}

const maxDays = 36_500;
const daysPerUnit: Readonly<Record<string, number>> = { d: 1, w: 7 };

/**
 * Parses a rule such as `meter=90d`.
 * @param label option or file that the rule comes from
 * @throws WattduckError (invalid_retention)
 */
export function parseKeepRule(text: string, label: string): KeepRule {
  const [, type = '', count, unit = ''] = /^(.*)=\s*(\d{1,9})([dw])\s*$/is.exec(text) ?? [];
  const days = Number(count) * (daysPerUnit[unit.toLowerCase()] ?? Number.NaN);
  if (type.trim() === '' || !(days >= 1 && days <= maxDays))
    throw new WattduckError('invalid_retention', { value: text, parameter: label, max: maxDays });
  return { type: type.trim().toLowerCase(), days };
}

/** @throws WattduckError (repeated_event_type) */
export function assertDistinctTypes(rules: readonly KeepRule[], label: string): void {
  const repeated = rules.find(({ type }, at) => rules.findIndex((rule) => rule.type === type) < at);
  if (repeated) throw new WattduckError('repeated_event_type', { type: repeated.type, parameter: label });
}
