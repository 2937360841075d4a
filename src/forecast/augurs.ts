import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import initEts, { AutoETS } from '@bsull/augurs/ets';
import initMstl, { MSTL } from '@bsull/augurs/mstl';

/** In Node the models' code is read by us: the package itself would fetch it. */
const bytesOf = (model: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`${model}_bg.wasm`, import.meta.resolve(`@bsull/augurs/${model}`))));

await initEts({ module_or_path: bytesOf('ets') });
await initMstl({ module_or_path: bytesOf('mstl') });

/**
 * Goes on with a series by exponential smoothing: error, trend and damping are chosen by AICc.
 * @returns nothing where no model fits
 */
export function etsOf(values: Float64Array, horizon: number): readonly number[] | undefined {
  return going(() => new AutoETS(1, 'ZZN'), values, horizon);
}

/**
 * Goes on with a series that has a season: trend and season are told apart by MSTL, the trend goes on by exponential smoothing.
 * @param season values in it
 * @returns nothing where no model fits
 */
export function mstlOf(values: Float64Array, season: number, horizon: number): readonly number[] | undefined {
  return going(() => MSTL.ets([season]), values, horizon);
}

interface Model {
  fit(values: Float64Array): void;
  predict(horizon: number): { point: number[] };
  free(): void;
}

function going(make: () => Model, values: Float64Array, horizon: number): readonly number[] | undefined {
  const model = make();
  try {
    model.fit(values);
    const { point } = model.predict(horizon);
    return point.every(Number.isFinite) ? point : undefined;
  } catch {
    // It says so of a series that gives it too little to go by.
    return undefined;
  } finally {
    model.free();
  }
}
