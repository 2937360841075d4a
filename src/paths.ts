import { fileURLToPath } from 'node:url';

/** The package's own folder, the same from src/ and from the built dist/. */
export const packageRoot = fileURLToPath(new URL('..', import.meta.url));

export const builtInSql = fileURLToPath(new URL('../sql/', import.meta.url));
