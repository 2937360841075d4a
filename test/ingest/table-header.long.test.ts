import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { IngestOptions } from '../../src/ingest/ingest-file.ts';
import type { IngestResult } from '../../src/ingest/result.ts';
import { wattduck } from '../support/cli.ts';
import { engineDatabase } from '../support/engine-database.ts';
import { runs } from '../support/runs.ts';

const { duckdb, folder, write: file, content, empty } = await engineDatabase();
beforeEach(() => empty('charging_sessions'));

const take = (text: string | Buffer, options: Partial<IngestOptions> = {}): Promise<IngestResult> =>
  content('table.csv', text, options);
const counts = ({ read, added, quarantined }: IngestResult): string => `${read} = ${added} + ${quarantined}`;
const rejectedLines = async (): Promise<unknown[]> =>
  (await duckdb.rows('select line, raw from quarantine order by line')).map((row) => Object.values(row).join(': '));

const header = 'session_id,station_id,start_time,energy_kwh';
const body = 'a,S,2024-03-05 10:00:00,1\nb,S,soon,2\nc,S\nd,S,2024-03-05 12:00:00,4\n';

describe('lines above the header are skipped, and rows keep the line numbers of an editor', () => {
  test.each<[string, string]>([
    ['blank lines', '\n\n'],
    ['lines of spaces', '  \n\t\n'],
    ['a separator', 'sep=,\n'],
    ['a separator in quotes', '"sep=,"\n'],
    ['comments', '# export of 2024-04-01\n# v2\n'],
    ['a comment with commas', '# one, two, three, four\n'],
    ['a title', 'Charging sessions of March\n'],
    ['a title with delimiters', 'Charging sessions of March,,,\n'],
    ['a title in quotes', '"Sessions, March"\n\n'],
    ['a title with an open quote', '12" screens\n\n'],
    ['names and values', 'Operator,Stadtwerke\nLocation,Berlin\n\n'],
    ['other line ends', 'Sessions\r\n'],
    ['many lines', 'note\n'.repeat(40)],
  ])('%s', async (_, above) => {
    const before = above.split('\n').length - 1;
    const result = await take(`${above}${header}\n${body}`);
    expect(counts(result)).toBe('4 = 2 + 2');
    expect(await rejectedLines()).toEqual([`${before + 3}: b,S,soon,2`, `${before + 4}: c,S`]);
    expect(result.notes).toEqual(
      above.trim() === '' ? [] : [expect.stringMatching(/^skipped \d+ lines? above the header: /)],
    );
    // Into a table that has rows, and with Windows and old Mac line ends.
    for (const [lineEnd, name] of [
      ['\r\n', 'windows.csv'],
      ['\r', 'mac.csv'],
    ] as const) {
      const text = `${above.replaceAll('\r', '')}${header}\n${body}`.replaceAll('\n', lineEnd);
      const again = await content(name, text);
      expect([again.read, again.unchanged, again.quarantined]).toEqual([4, 2, 2]);
    }
  });

  test('in a gzip file, with a quoted value over two lines and a broken quote', async () => {
    const text = `Report "A\n\n${header},notes\na,S,2024-03-05,1,"one\ntwo"\nb,S,2024-03-05,1,"x" y\nc,S,2024-03-05,x,\n`;
    const result = await take(gzipSync(text));
    expect(counts(result)).toBe('3 = 1 + 2');
    expect(await rejectedLines()).toEqual(['6: b,S,2024-03-05,1,"x" y', '7: c,S,2024-03-05,x,']);
  });

  test('sep= sets the delimiter', async () => {
    for (const [line, mark] of [
      ['sep=;', ';'],
      ['SEP=|', '|'],
      ['sep=\t', '\t'],
      ['sep=^', '^'],
    ]) {
      await empty('charging_sessions');
      expect(counts(await take(`${line}\n${header}\n${body}`.replaceAll(',', mark!)))).toBe('4 = 2 + 2');
    }
  });

  test('--skip-lines says it, also where the header is not recognized', async () => {
    const result = await take(`session_id,station_id,start_time,energy_kwh\nold,S,2024-01-01,1\n${header}\n${body}`, {
      skipLines: 2,
    });
    expect([counts(result), result.notes]).toEqual(['4 = 2 + 2', []]);
    expect(await rejectedLines()).toEqual(['5: b,S,soon,2', '6: c,S']);
    await expect(take(`${header}\n`, { skipLines: 9 })).rejects.toThrow('no text below the first 9 lines');
  });

  test('property: any lines above, none of them like the header, leave the rows as they are', async () => {
    const title = fc.string({ maxLength: 30 }).filter((line) => !/[\r\n\0]|^\s*[[{]|^"?sep=/i.test(line));
    await fc.assert(
      fc.asyncProperty(fc.array(title, { maxLength: 6 }), async (titles) => {
        await empty('charging_sessions');
        const result = await take([...titles, header, body].join('\n'));
        expect(counts(result)).toBe('4 = 2 + 2');
        const lines = await duckdb.rows('select line from quarantine order by line');
        expect(lines.map(({ line }) => line)).toEqual([titles.length + 3, titles.length + 4]);
      }),
      { numRuns: runs(100) },
    );
  });
});

describe('the first line stays the header', () => {
  test.each<[string, string, string]>([
    ['of rows that are too short', `${header},status,location\na,S,2024-03-05\nb,S,2024-03-05\n`, '2 = 0 + 2'],
    ['with one known name', 'session_id,x,y,z\na,1,2,3\n', 'missing station_id, start_time'],
    ['with trailing empty columns', `${header},,\na,S,2024-03-05,1,,\n`, '1 = 1 + 0'],
    ['without rows', `${header}\n`, '0 = 0 + 0'],
    ['above rows that repeat it', `${header}\n${header}\na,S,2024-03-05,1\n`, '2 = 1 + 0'],
    ['below a title with empty fields', `Sessions,,,\n${header}\na,S,2024-03-05,1\n`, '1 = 1 + 0'],
  ])('%s', async (_, text, expected) => {
    const outcome = await take(text, { source: 'charging_sessions' }).then(counts, (error: Error) => error.message);
    expect(outcome).toContain(expected);
  });
});

describe('delimiters', () => {
  test('header and rows decide together', async () => {
    const rows = 'a;S;2024-03-05;x\nb;S;2024-03-06;y\n';
    expect(counts(await take(`session_id;station_id;start_time;Notes (a, b, c, d)\n${rows}`))).toBe('2 = 2 + 0');
    await empty('charging_sessions');
    expect(counts(await take('session_id|station_id|start_time|a,b,c,d,e\na|S|2024-03-05|1,2,3\n'))).toBe('1 = 1 + 0');
    await empty('charging_sessions');
    expect(counts(await take('session_id\tstation_id\tstart_time\ta;b;c;d;e\na\tS\t2024-03-05\t1;2;3;4;5\n'))).toBe(
      '1 = 1 + 0',
    );
  });

  test('spaces, in columns or not, if every name is known', async () => {
    const text =
      'session_id  station_id start_time    energy_kwh\na           S          2024-03-05    1\n b S "2024-03-06 10:00"  2\nc S\n';
    const result = await take(text);
    expect([counts(result), result.notes]).toEqual(['3 = 2 + 1', ['detected delimiter: space']]);
    expect(await rejectedLines()).toEqual(['4: c S']);
    await empty('charging_sessions');
    const unknown = text.replace('energy_kwh', 'colour');
    await expect(take(unknown)).rejects.toThrow(/layout not recognized/);
    expect(counts(await take(unknown, { delimiter: ' ' }))).toBe('3 = 2 + 1');
  });

  test('options name them', async () => {
    const run = (args: string[]): ReturnType<typeof wattduck> =>
      wattduck(['ingest', ...args, '--force', '--db', join(folder, 'options.duckdb')]);
    for (const [name, mark] of [
      ['semicolon', ';'],
      ['tab', '\t'],
      ['pipe', '|'],
      ['comma', ','],
      ['space', ' '],
      ['^', '^'],
      [String.raw`\t`, '\t'],
    ] as const) {
      const path = file('marked.csv', 'session_id,station_id,start_time\na,S,2024-03-05\n'.replaceAll(',', mark));
      const { status, stdout } = await run([path, '--delimiter', name]);
      expect([status, stdout]).toEqual([0, expect.stringContaining('1 row read')]);
    }
    for (const name of ['semi', 'ab', '"', 'x', '5', ''])
      expect((await run([join(folder, 'marked.csv'), '--delimiter', name])).stderr).toMatch(
        /^error: invalid value ".*" for --delimiter: expected comma, semicolon, tab, pipe, space or one character/,
      );
  });
});

describe('a file without a header', () => {
  const rows = 'a,S,2024-03-05 10:00:00,1\nb,S,soon,2\nc,S\n';

  test('is read with --columns, and its first line is a row', async () => {
    const columns = ['session_id', 'Station ID', 'start_time', 'kwh'];
    expect(counts(await take(rows, { header: false, columns }))).toBe('3 = 1 + 2');
    expect(await rejectedLines()).toEqual(['2: b,S,soon,2', '3: c,S']);
    await empty('charging_sessions');
    expect(counts(await take(`\nTitle\n\n${rows}`, { header: false, columns, skipLines: 2 }))).toBe('3 = 1 + 2');
    expect(await rejectedLines()).toEqual(['5: b,S,soon,2', '6: c,S']);
  });

  test('its rejected rows can be retried', async () => {
    const at = join(folder, 'retry.duckdb');
    const path = file('bare.csv', 'a;S;03/04/2024\nb;S;04/2024\n');
    const args = ['--no-header', '--columns', 'session_id, station_id, start_time', '--date-order', 'mdy', '--db', at];
    expect((await wattduck(['ingest', path, ...args])).stdout).toContain('2 rows read = 1 new');
    const corrected = join(folder, 'corrected.csv');
    await wattduck(['quarantine', 'export', '--db', at, '-o', corrected]);
    expect((await wattduck(['quarantine', 'retry', '--db', at])).stdout).toContain('1 row read = 0 new');
  });

  test('without its names is an error that shows the first row and an example', async () => {
    const message = /the first row is not a header: a, S, 2024-03-05 10:00:00, 1/;
    await expect(take(rows)).rejects.toThrow(message);
    await expect(take(rows, { header: false })).rejects.toThrow(message);
    const { stderr } = await wattduck(['ingest', file('bare.csv', rows), '--db', join(folder, 'bare.duckdb')]);
    expect(stderr).toContain('Name its 4 fields: `wattduck ingest FILE --no-header --columns');
    await expect(take(rows, { header: false, columns: ['session_id'] })).rejects.toThrow(
      '--columns names 1, but the first row has 4 fields',
    );
    const { status } = await wattduck(['ingest', join(folder, 'bare.csv'), '--columns', 'a,b']);
    expect(status).toBe(2);
  });
});
