import { WattduckError } from '../errors/wattduck-error.ts';

/** Codes of ISO 4217, current and former; those of recent years may be missing in Node's data. */
const currencyCodes = new Set([...Intl.supportedValuesOf('currency'), 'CLF', 'SLE', 'VED', 'XCG', 'ZWG']);

/** The code in upper case. @throws WattduckError (invalid_currency) */
export function validateCurrency(value: string, parameter: string): string {
  const code = value.trim().toUpperCase();
  if (!currencyCodes.has(code)) throw new WattduckError('invalid_currency', { value, parameter });
  return code;
}
