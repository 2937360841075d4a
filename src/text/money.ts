/** An amount in millionths, which add up without rounding errors. */
export type Micros = bigint;

/** An amount with up to 6 decimals, as a report has it. */
export const toMicros = (amount: number): Micros => BigInt(Math.round(amount * 1e6));

/** Decimals of a currency: 2 for EUR, 0 for JPY; 2 without a currency. */
export function currencyDecimals(currency: string | undefined): number {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency: currency ?? 'EUR' }).resolvedOptions()
      .maximumFractionDigits!;
  } catch {
    return 2;
  }
}

/** Rounds an amount to the smallest unit of its currency, halves away from zero. */
export function roundMoney(amount: Micros, decimals: number): Micros {
  const unit = 10n ** BigInt(6 - Math.min(decimals, 6));
  const half = amount < 0n ? -unit / 2n : unit / 2n;
  return ((amount + half) / unit) * unit;
}

/** A share of an amount, rounded to the smallest unit of its currency, halves away from zero. @param percent with up to 4 decimals */
export function percentOf(amount: Micros, percent: number, decimals: number): Micros {
  const scaled = amount * BigInt(Math.round(percent * 1e4));
  const unit = 10n ** BigInt(6 - Math.min(decimals, 6)) * 1_000_000n;
  const half = scaled < 0n ? -unit / 2n : unit / 2n;
  return ((scaled + half) / unit) * (unit / 1_000_000n);
}

/** An amount for people, rounded to some decimals: `-1,234.50`. */
export function formatMoney(amount: Micros, decimals: number): string {
  const rounded = roundMoney(amount, decimals);
  const digits = (rounded < 0n ? -rounded : rounded).toString().padStart(7, '0');
  const whole = digits.slice(0, -6).replaceAll(/\B(?=(\d{3})+$)/g, ',');
  const fraction = digits.slice(-6).slice(0, decimals);
  return `${rounded < 0n ? '−' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
