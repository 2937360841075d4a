const cache = new Map<string, readonly number[]>();

/** Hours of the day in UTC that follow a time which the clocks of a zone skip, from 1995 to 2037; empty if they never do. */
export function hoursAfterSkips(zone: string): readonly number[] {
  const known = cache.get(zone);
  if (known) return known;
  let offsetAt: ReturnType<typeof offsetsOf>;
  try {
    offsetAt = offsetsOf(zone);
  } catch {
    // A zone that only DuckDB knows.
    return Array.from({ length: 24 }, (_, hour) => hour);
  }
  const hours = new Set<number>();
  const [first, last, step] = [Date.UTC(1995), Date.UTC(2038), 20 * 86_400_000];
  for (let from = first; from < last; from += step) {
    let [before, after] = [from, from + step];
    if (offsetAt(before) >= offsetAt(after)) continue;
    while (after - before > 60_000) {
      const middle = Math.floor((before + after) / 120_000) * 60_000;
      if (offsetAt(middle) === offsetAt(from)) before = middle;
      else after = middle;
    }
    const skipped = offsetAt(after) - offsetAt(before);
    for (let at = after; at < after + skipped; at += 900_000) hours.add(new Date(at).getUTCHours());
  }
  const sorted = [...hours].toSorted((a, b) => a - b);
  cache.set(zone, sorted);
  return sorted;
}

/** Milliseconds that a zone is ahead of UTC at an instant. */
function offsetsOf(zone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (instant) => {
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
  };
}
