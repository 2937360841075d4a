import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import initEts, { AutoETS } from '@bsull/augurs/ets';
import initMstl, { MSTL } from '@bsull/augurs/mstl';

/** In Node the models' code is read by us: the package itself would fetch it. */
const wasmBytes = (model: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`${model}_bg.wasm`, import.meta.resolve(`@bsull/augurs/${model}`))));

await initEts({ module_or_path: wasmBytes('ets') });
await initMstl({ module_or_path: wasmBytes('mstl') });

/**
 * Goes on with a series by exponential smoothing: error, trend and damping are chosen by AICc.
 * @returns nothing where no model fits
 */
export function forecastEts(values: Float64Array, horizon: number): readonly number[] | undefined {
  return fitAndPredict(() => new AutoETS(1, 'ZZN'), values, horizon);
}

/**
 * Goes on with a series that has a season: trend and season are told apart by MSTL, the trend goes on by exponential smoothing.
 * @param season values in it
 * @returns nothing where no model fits
 */
export function forecastMstl(values: Float64Array, season: number, horizon: number): readonly number[] | undefined {
  return fitAndPredict(() => MSTL.ets([season]), values, horizon);
}

interface AugursModel {
  fit(values: Float64Array): void;
  predict(horizon: number): { point: number[] };
  free(): void;
}

function fitAndPredict(
  createModel: () => AugursModel,
  values: Float64Array,
  horizon: number,
): readonly number[] | undefined {
  const model = createModel();
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
