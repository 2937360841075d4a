import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorCatalog, type ErrorCode } from '../../src/errors/catalog.ts';
import type { ErrorDefinition } from '../../src/errors/definition.ts';
import { WattduckError } from '../../src/errors/wattduck-error.ts';

const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.startsWith('errors/catalog'))
  .map((path) => readFileSync(`src/${path}`, 'utf8'))
  .join('\n');
const definitions = Object.entries<ErrorDefinition>(errorCatalog);

test('every code of the catalogue is used in the source', () => {
  const unused = Object.keys(errorCatalog).filter((code) => !source.includes(`'${code}'`));
  expect(unused).toEqual([]);
});

test('every code in docs/errors.md is in the catalogue, and the other way round', () => {
  const documented = Array.from(
    readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `(\w+)` \|/gm),
    ([, code]) => code!,
  );
  expect(documented.toSorted()).toEqual(Object.keys(errorCatalog).toSorted());
});

test('no code is defined twice', () => {
  const codes = readdirSync('src/errors/catalog').flatMap((file) =>
    Array.from(readFileSync(`src/errors/catalog/${file}`, 'utf8').matchAll(/^ {2}(\w+): \{/gm), ([, code]) => code!),
  );
  expect(codes.toSorted()).toEqual(Object.keys(errorCatalog).toSorted());
});

test.each(definitions)('%s has a code, a message and a hint of the usual form', (code, { message, hint }) => {
  expect(code).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
  expect(message).not.toMatch(/\.$/);
  if (hint !== undefined) expect(hint).toMatch(/([.?!]|\})$/);
});

test('values from outside are cleaned and clipped; own text is inserted as it is', () => {
  const error = new WattduckError('path_not_found', { path: `a\u001b[31m${'x'.repeat(500)}` });
  expect(error.message).not.toContain('\u001b');
  expect(error.message.length).toBeLessThan(260);
  expect(error).toMatchObject({
    code: 'path_not_found' satisfies ErrorCode,
    kind: 'not_found',
    hint: 'Check the path.',
  });
  expect(error.fullMessage).toBe(`${error.message}. Check the path.`);
});
