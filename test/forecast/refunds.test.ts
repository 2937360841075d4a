import { expect, test } from 'vitest';
import { forecast } from '../../src/forecast/forecast.ts';

const days = [...Array(500).keys()];
const of = (values: number[], active: number[]) =>
  forecast({ name: '', firstDay: '2024-01-01', values, active }, { horizons: [7, 120], confidence: 0.8 })!;

test('weeks in which refunds exceed payments do not make a forecast unknown', () => {
  // A year before the forecast, and after charge points were added.
  const lastYear = of(
    days.map((day) => (day >= 140 && day < 200 ? -1 : 100)),
    days.map(() => 3),
  );
  const added = of(
    days.map((day) => (day >= 480 ? -1 : 100)),
    days.map((day) => (day >= 480 ? 6 : 3)),
  );
  for (const { totals, days: path } of [lastYear, added])
    for (const { value, low, high } of [...totals, ...path])
      expect([value, low, high].every((each) => Number.isFinite(each) && each >= 0)).toBe(true);
});
