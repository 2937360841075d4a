import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch } from '../support/cli.ts';
import { hasPty, key, noPty, startInTerminal } from '../support/pty.ts';

const folder = scratch();
const down = '\u001b[B';
const enter = '\r';

describe.skipIf(!hasPty)(`map in a terminal (skipped if ${noPty})`, () => {
  const open = (name: string): ReturnType<typeof startInTerminal> => {
    const path = join(folder, `${name}.csv`);
    writeFileSync(
      path,
      'Station;Start;Stop;Energy\nA;01/02/2024 10:00;01/02/2024 11:00;10,5\nB;02/03/2024 10:00;02/03/2024 11:00;11,5\n',
    );
    return startInTerminal(['map', path, '--sql-dir', join(folder, name)]);
  };

  test('asks what the file does not show, and writes the answers', async () => {
    const terminal = open('asked');
    await terminal.waitFor('Do dates begin with the day or the month?');
    terminal.press(down);
    terminal.press(enter);
    await terminal.waitFor('In which time zone are the times?');
    terminal.press(`Europe/Berlni${enter}`);
    // Keys are for the second question, which follows the error.
    await terminal.waitFor(/Did you mean Europe\/Berlin\?[^]*In which time zone/);
    terminal.press(`Europe/Berlin${enter}`);
    await terminal.waitFor('Write ');
    terminal.press(enter);
    const { status } = await terminal.ended;
    expect(status).toBe(0);
    const mapping = readFileSync(join(folder, 'asked/mappings/asked.sql'), 'utf8');
    expect(mapping).toContain('date_order: mdy');
    expect(mapping).toContain('tz: Europe/Berlin');
  });

  test('Ctrl-C at a question writes nothing and ends with status 130', async () => {
    const terminal = open('cancelled');
    await terminal.waitFor('Do dates begin with the day or the month?');
    terminal.press(key.ctrlC);
    const { screen, status } = await terminal.ended;
    expect(status).toBe(130);
    expect(screen).not.toContain('unexpected');
    expect(() => readFileSync(join(folder, 'cancelled/mappings/cancelled.sql'))).toThrow();
  });
});
