import { outcome, type Weighed } from './backtest.ts';
import { distance, fewestPasts, widthOf, widthUnknown } from './intervals.ts';

/** Days to come, from each of these to the next, are about as far ahead. */
const leads = [0, 7, 28, 91];

/** How wide intervals are, by the errors of pasts. */
export class Widths {
  readonly #pasts: readonly Weighed[];
  readonly #came: Float64Array;
  readonly #values: Float64Array;
  readonly #confidence: number;
  readonly #known = new Map<number, number[]>();
  readonly #ofLead = new Map<number, number>();

  /** @param values of each day, of which `came` are the running sums: what is not in them is not known */
  constructor(pasts: readonly Weighed[], values: Float64Array, came: Float64Array, confidence: number) {
    this.#pasts = pasts;
    this.#values = values;
    this.#came = came;
    this.#confidence = confidence;
  }

  /** For the sum over so many days; where too few pasts are over, as a shorter one widened by the root of their ratio. */
  of(days: number): number {
    let known = days;
    while (known > 0 && this.#distances(known).length < fewestPasts) known -= 1;
    if (known === 0) return widthUnknown(days, this.#confidence);
    const distances = this.#distances(known);
    const span = this.#pasts[distances.length - 1]!.days - this.#pasts[0]!.days;
    return widthOf(distances, span / known, this.#confidence) * Math.sqrt(days / known);
  }

  #distances(days: number): number[] {
    const known = this.#known.get(days);
    if (known) return known;
    const found = this.#pasts.flatMap((past) => {
      const over = outcome(past, days, this.#came);
      return (over && distance(over.came, over.forecast, past.level * days)) ?? [];
    });
    this.#known.set(days, found);
    return found;
  }

  /** For one day to come, by all days that lay about as far ahead. @param day from 0 on */
  ofDay(day: number): number {
    const lead = leads.findLast((from) => from <= day)!;
    const known = this.#ofLead.get(lead) ?? this.#widthOfLead(lead);
    this.#ofLead.set(lead, known);
    return known;
  }

  #widthOfLead(lead: number): number {
    const end = leads.find((from) => from > lead);
    const distances = this.#pasts.flatMap(({ days, path, level }) =>
      [...path.subarray(lead, Math.min(end ?? path.length, this.#values.length - days))].flatMap(
        (value, at) => distance(Math.max(0, this.#values[days + lead + at]!), value, level) ?? [],
      ),
    );
    if (distances.length >= 7 * fewestPasts) return widthOf(distances, distances.length, this.#confidence);
    return lead === 0 ? widthUnknown(30, this.#confidence) : this.ofDay(lead - 1);
  }
}
