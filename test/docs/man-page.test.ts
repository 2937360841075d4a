import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { manPage } from '../../src/docs/man-page.ts';
import { processIo } from '../../src/io.ts';
import { buildProgram } from '../../src/main.ts';

const page = readFileSync('man/wattduck.1', 'utf8');

test('the manual page is up to date', async () => {
  expect(await manPage()).toBe(page);
});

test('it names every command and every option that has a help text', async () => {
  const text = page.replaceAll('\\-', '-').replaceAll(/\\f[BIR]/g, '');
  const { commands } = await buildProgram(processIo());
  const missing: string[] = [];
  for (const command of commands.flatMap((each) => (each.commands.length > 0 ? each.commands : [each]))) {
    if (!new RegExp(`^\\.SS (\\w+ )?${command.name()}$`, 'm').test(text)) missing.push(command.name());
    for (const { hidden, flags, description } of command.options)
      if (!hidden && !(text.includes(flags) && text.includes(description.split('\\')[0]!))) missing.push(flags);
  }
  expect(missing).toEqual([]);
});

const hasGroff = spawnSync('groff', ['--version']).status === 0;
test.skipIf(!hasGroff)('groff formats it without a warning', () => {
  const { status, stdout, stderr } = spawnSync('groff', ['-man', '-ww', '-Tutf8', 'man/wattduck.1'], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  // Bold letters are printed twice.
  // oxlint-disable-next-line no-control-regex
  expect(stdout.replaceAll(/.\u0008/gu, '')).toContain('EXIT STATUS');
});
