import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.ts';

interface LockedPackage {
  dev?: boolean;
  hasInstallScript?: boolean;
  deprecated?: string;
  engines?: { node?: string };
  dependencies?: Record<string, string>;
}

const readJson = (name: string): unknown => JSON.parse(readFileSync(join(packageRoot, name), 'utf8'));

/** Every package that `npm install` of wattduck may install, by its path in node_modules. */
const production = Object.entries(
  (readJson('package-lock.json') as { packages: Record<string, LockedPackage> }).packages,
).filter(([path, { dev }]) => path !== '' && dev !== true);

test('no production dependency runs an install script, sends telemetry or is deprecated', () => {
  expect(production.length).toBeGreaterThan(50);
  expect(production.filter(([path, { hasInstallScript }]) => hasInstallScript || path.includes('@scarf/'))).toEqual([]);
  expect(production.filter(([, { dependencies }]) => dependencies?.['@scarf/scarf'] !== undefined)).toEqual([]);
  expect(production.filter(([, { deprecated }]) => deprecated !== undefined)).toEqual([]);
});

/** True if a range of Node versions, such as `^20.17.0 || >=22.9.0`, has a part for Node 20 or older. */
const allowsNode20 = (range: string): boolean =>
  range.split('||').some((part) => Number(/\d+/.exec(part)?.[0] ?? 0) <= 20);

// cookie 2 requires Node 22, so light-my-request, which Fastify uses, is pinned to a version that does without it.
test('every production dependency runs on Node 20', () => {
  expect(production.filter(([, { engines }]) => !allowsNode20(engines?.node ?? '*'))).toEqual([]);
});

test('telemetry of development dependencies is off', () => {
  expect(readJson('package.json')).toMatchObject({ scarfSettings: { enabled: false } });
});

test('the build has Swagger UI with its licenses', () => {
  for (const name of [
    'swagger-ui.css',
    'swagger-ui-bundle.js',
    'swagger-ui-bundle.js.LICENSE.txt',
    'LICENSE',
    'NOTICE',
  ])
    expect([name, existsSync(join(packageRoot, 'dist', 'swagger-ui', name))]).toEqual([name, true]);
});
