import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.ts';

interface LockedPackage {
  version?: string;
  optional?: boolean;
  dev?: boolean;
  hasInstallScript?: boolean;
  deprecated?: string;
  engines?: { node?: string };
  dependencies?: Record<string, string>;
}

const readJson = (name: string): unknown => JSON.parse(readFileSync(join(packageRoot, name), 'utf8'));

const locked = Object.entries((readJson('package-lock.json') as { packages: Record<string, LockedPackage> }).packages);

/** Every package that `npm install` of wattduck may install, by its path in node_modules. */
const installed = locked.filter(([path, { dev }]) => path !== '' && dev !== true);

/** Names with versions of the packages in the bundles of the build, which has their licenses. */
const licenses = ['LICENSES.txt', 'plot.js.LICENSE.txt'].map((name) =>
  readFileSync(join(packageRoot, 'dist', name), 'utf8'),
);
const bundledNames = new Set(
  licenses.flatMap((text) => text.match(/^(@?[\w./-]+ \d[\w.-]*(, )?)+$/gm) ?? []).flatMap((line) => line.split(', ')),
);
const nameOf = (path: string): string => path.split('node_modules/').at(-1)!;
const bundled = locked.filter(([path, { version }]) => bundledNames.has(`${nameOf(path)} ${version}`));

/** Every package whose code wattduck runs. */
const production = [...installed, ...bundled];

test('no production dependency runs an install script, sends telemetry or is deprecated', () => {
  expect(installed.length).toBeGreaterThan(50);
  expect(bundled.length).toBeGreaterThan(50);
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

test('packages in the bundles are not installed as well, and every import of the build is', () => {
  const { dependencies } = readJson('package.json') as { dependencies: Record<string, string> };
  const imports = readdirSync(join(packageRoot, 'dist'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js') && !name.includes('swagger-ui'))
    .flatMap((name) =>
      Array.from(
        readFileSync(join(packageRoot, 'dist', name), 'utf8').matchAll(
          /^import\s[^;]*?from "([^".][^"]*)"|[^.\w]import\("([^".][^"]*)"\)/gm,
        ),
        ([, from, dynamic]) => from ?? dynamic!,
      ),
    )
    .filter((name) => !name.startsWith('node:') && !builtinModules.includes(name))
    .map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)![0]);
  const names = Object.keys(dependencies);
  expect([...new Set(imports)].filter((name) => !names.includes(name))).toEqual([]);
  expect(names.filter((name) => bundled.some(([path]) => nameOf(path) === name))).toEqual([]);
});

/** Bytes of the files of a package, without packages in it. */
const sizeOf = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .reduce((all, entry) => {
      const path = join(folder, entry.name);
      return all + (entry.isDirectory() ? sizeOf(path) : lstatSync(path).size);
    }, 0);

test('an installation has less than 100 MB of dependencies', () => {
  // Those of other platforms are not installed.
  const folders = installed.map(([path]) => join(packageRoot, path)).filter((path) => existsSync(path));
  const megabytes = folders.reduce((all, folder) => all + sizeOf(folder), 0) / 1e6;
  expect(megabytes).toBeGreaterThan(50);
  expect(megabytes).toBeLessThan(100);
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
