import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root folder of the package, for code in src/ and in dist/. */
export const packageRoot = fileURLToPath(new URL('..', import.meta.url));

export const packageVersion: string = (
  JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }
).version;

export const builtInSql = fileURLToPath(new URL('../sql/', import.meta.url));

/** Code of the forecast threads: always the built file in dist/, even if this runs from src/. */
export const forecastWorker = fileURLToPath(new URL('../dist/forecast/worker.js', import.meta.url));

/** The definitions of the built-in SQL files, as the build wrote them. */
export const builtCatalog = fileURLToPath(new URL('../dist/catalog.json', import.meta.url));
