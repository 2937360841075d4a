import { describe, expect, test } from 'vitest';
import { parseSqlFile, validateObject } from '../../src/catalog/front-matter.ts';
import type { WattduckError } from '../../src/errors/wattduck-error.ts';

const lineOf = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (error) {
    return (error as WattduckError).fullMessage;
  }
};
const parse = (text: string) => parseSqlFile('a/b.sql', text);

describe('a file is split', () => {
  test('into front matter, statement and the line of the statement', () => {
    const file = parse('/*---\ntitle: T\n# a comment\nparams:\n  x: { description: d }\n---*/\nselect 1\n');
    expect(file.frontMatter).toEqual({ title: 'T', params: { x: { description: 'd' } } });
    expect(file.sql).toBe('\nselect 1\n');
    // The statement begins right after the closing mark, on line 6.
    expect(file.sqlLine).toBe(6);
    expect([file.lineOf(['title']), file.lineOf(['params', 'x']), file.lineOf(['params', 'x', 'description'])]).toEqual(
      [2, 5, 5],
    );
  });

  test('with Windows line ends', () => {
    const file = parse('/*---\r\ntitle: T\r\nkey: [a]\r\n---*/\r\nselect 1\r\n');
    expect([file.frontMatter, file.lineOf(['key']), file.sqlLine]).toEqual([{ title: 'T', key: ['a'] }, 3, 4]);
  });

  test('an unknown key has the line of its nearest parent', () => {
    const file = parse('/*---\ntitle: T\nparams: { x: 1 }\n---*/\nselect 1');
    expect([file.lineOf(['params', 'y', 'z']), file.lineOf(['none'])]).toEqual([3, 1]);
  });
});

describe('invalid front matter', () => {
  test.each([
    ['select 1', 'a/b.sql:1: no front matter. Begin the file with /*---, then YAML, then ---*/.'],
    ['', 'a/b.sql:1: no front matter. Begin the file with /*---, then YAML, then ---*/.'],
    [
      '-- a comment first\n/*---\ntitle: x\n---*/\nselect 1',
      'a/b.sql:1: no front matter. Begin the file with /*---, then YAML, then ---*/.',
    ],
    ['/*---\ntitle: x\n*/\nselect 1', 'a/b.sql:1: the front matter is not closed. End it with ---*/.'],
    ['/*---\n- title\n- other\n---*/\nselect 1', 'a/b.sql:1: the front matter must be key: value pairs'],
    ['/*---\njust words\n---*/\nselect 1', 'a/b.sql:1: the front matter must be key: value pairs'],
    ['/*---\n---*/\nselect 1', 'a/b.sql:1: the front matter must be key: value pairs'],
  ])('%j', (text, expected) => {
    expect(lineOf(() => parse(text))).toBe(expected);
  });

  test.each([
    ['a list never closed', '/*---\ntitle: T\nkey: [a, b\n---*/\nselect 1', /^a\/b\.sql:[34]: invalid YAML: /],
    [
      'a key twice',
      '/*---\ntitle: T\nkey: [a]\ntitle: U\n---*/\nselect 1',
      /^a\/b\.sql:4: invalid YAML: Map keys must be unique/,
    ],
    [
      'a colon in a plain text',
      '/*---\ntitle: T\ndescription: one: two\n---*/\nselect 1',
      /^a\/b\.sql:3: invalid YAML: /,
    ],
    ['a tab as indent', '/*---\ntitle: T\nparams:\n\tx: 1\n---*/\nselect 1', /^a\/b\.sql:4: invalid YAML: /],
  ])('%s', (_, text, expected) => {
    expect(lineOf(() => parse(text))).toMatch(expected);
  });
});

describe('an object is checked strictly', () => {
  const allowed = {
    title: 'text',
    max: 'number',
    whole: 'flag',
    key: 'texts',
    params: 'map',
    default: 'scalar',
    checks: 'list',
  } as const;
  const read = (body: string, required: readonly string[] = []): string => {
    const file = parse(`/*---\n${body}\n---*/\nselect 1`);
    return lineOf(() => validateObject(file, [], file.frontMatter, allowed, required));
  };

  test('valid values are accepted', () => {
    expect(
      read('title: T\nmax: 1.5\nwhole: true\nkey: [a]\nparams: { a: 1 }\ndefault: no\nchecks: [1, { a: 2 }]', [
        'title',
      ]),
    ).toBe('none');
  });

  test.each([
    ['title: T\ntitel: U', 'a/b.sql:3: unknown key "titel". Did you mean title?'],
    ['title: T\nspeed: 1', 'a/b.sql:3: unknown key "speed". Known: title, max, whole, key, params, default, checks.'],
    ['title: T\nmaxi:', 'a/b.sql:3: unknown key "maxi". Did you mean max?'],
    ['title: 5', 'a/b.sql:2: "title" must be a string, not 5'],
    ['title:', 'a/b.sql:2: "title" must be a string, not null'],
    ['title: T\nmax: "5"', 'a/b.sql:3: "max" must be a number, not "5"'],
    ['whole: yes', 'a/b.sql:2: "whole" must be true or false, not "yes"'],
    ['key: a', 'a/b.sql:2: "key" must be a list of strings, not "a"'],
    ['key: [a, 1]', 'a/b.sql:2: "key" must be a list of strings, not ["a",1]'],
    ['params: [a]', 'a/b.sql:2: "params" must be key: value pairs, not ["a"]'],
    ['default: [a]', 'a/b.sql:2: "default" must be a single value, not ["a"]'],
    ['checks: {}', 'a/b.sql:2: "checks" must be a list, not {}'],
    ['key: [a]', 'a/b.sql:1: missing key "title". Add it to the front matter.'],
  ])('%j', (body, expected) => {
    expect(read(body, body.startsWith('key: [a]') ? ['title'] : [])).toBe(expected);
  });

  test('a nested key is named by its path, with its line', () => {
    const file = parse('/*---\nparams:\n  a: { max: 1 }\n  b: { mx: 1 }\n  c: 1\n---*/\nselect 1');
    const params = file.frontMatter['params'] as Record<string, unknown>;
    expect(lineOf(() => validateObject(file, ['params', 'b'], params['b'], { max: 'number' }))).toBe(
      'a/b.sql:4: unknown key "params.b.mx". Did you mean max?',
    );
    expect(lineOf(() => validateObject(file, ['params', 'c'], params['c'], { max: 'number' }))).toBe(
      'a/b.sql:5: "params.c" must be key: value pairs, not 1',
    );
    expect(lineOf(() => validateObject(file, ['params', 'a'], params['a'], { max: 'number' }, ['title']))).toBe(
      'a/b.sql:3: missing key "params.a.title". Add it to the front matter.',
    );
  });

  test('a misspelt key has its own line, even above a block', () => {
    expect(read('title: T\nparam:\n  a: 1')).toBe('a/b.sql:3: unknown key "param". Did you mean params?');
  });

  test('a key named like a JavaScript property is unknown too', () => {
    expect(read('title: T\nconstructor: x')).toContain('a/b.sql:3: unknown key "constructor"');
  });
});

test('a byte order mark before the front matter is ignored', () => {
  expect(lineOf(() => parse('\uFEFF/*---\ntitle: T\n---*/\nselect 1'))).toBe('none');
});
