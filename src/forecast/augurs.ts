import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import initEts, { AutoETS } from '@bsull/augurs/ets';
import initMstl, { MSTL } from '@bsull/augurs/mstl';

/** WebAssembly code of a model; in Node the package cannot load it by itself. */
const wasmBytes = (model: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`${model}_bg.wasm`, import.meta.resolve(`@bsull/augurs/${model}`))));

await initEts({ module_or_path: wasmBytes('ets') });
await initMstl({ module_or_path: wasmBytes('mstl') });

/**
 * Forecasts a series by exponential smoothing (ETS); error, trend and damping are chosen by AICc.
 * @returns undefined if no model fits
 */
export function forecastEts(values: Float64Array, horizon: number): readonly number[] | undefined {
  return fitAndPredict(() => new AutoETS(1, 'ZZN'), values, horizon);
}

/**
 * Forecasts a seasonal series: MSTL separates trend and season, and exponential smoothing forecasts the trend.
 * @param season length of the season in values
 * @returns undefined if no model fits
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
    // The model throws for a series with too few values.
    return undefined;
  } finally {
    model.free();
  }
}
