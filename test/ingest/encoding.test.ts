import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { guessEncoding, utf16WithoutMark } from '../../src/ingest/encoding.ts';
import type { IngestOptions } from '../../src/ingest/ingest-file.ts';
import type { IngestResult } from '../../src/ingest/result.ts';
import { wattduck } from '../support/cli.ts';
import { engineDatabase } from '../support/engine-database.ts';
import { runs } from '../support/runs.ts';

const { duckdb, folder, write: file, content, empty } = await engineDatabase();
beforeEach(() => empty('charging_sessions'));

const take = (bytes: Buffer, options: Partial<IngestOptions> = {}): Promise<IngestResult> =>
  content('file', bytes, options);
const locations = async (): Promise<unknown[]> =>
  (await duckdb.rows('select location from charging_sessions order by session_id')).map(({ location }) => location);
const note = 'read as windows-1252; use --encoding to change';

const header = 'session_id,station_id,start_time,location\n';
/** The text with euro signs and curly quotes as windows-1252 has them. */
const windows1252 = (text: string): Buffer =>
  Buffer.from(
    text.replaceAll('€', '\x80').replaceAll('’', '\x92').replaceAll('–', '\x96').replaceAll('œ', '\x9c'),
    'latin1',
  );

describe('windows-1252', () => {
  test.each<[string, string]>([
    ['a letter in a word', 'Straße'],
    ['a first letter', 'Österreich'],
    ['capitals', 'SÃO PAULO'],
    ['signs', '5 € – 20 °C, n’est, cœur'],
    ['two letters in a row', 'préée, Größe'],
  ])('%s: CSV and NDJSON, plain and gzip, with a note', async (_, location) => {
    const csv = windows1252(`${header}a,S,2024-03-05,"${location}"\n`);
    const json = windows1252(
      `{"session_id":"a","station_id":"S","start_time":"2024-03-05","location":"${location}"}\n`,
    );
    for (const bytes of [csv, json, gzipSync(csv)]) {
      await empty('charging_sessions');
      const { read, added, notes } = await take(bytes);
      expect([read, added, notes, await locations()]).toEqual([1, 1, [note], [location]]);
    }
  });

  test('in a header, and first far below it', async () => {
    const inHeader = windows1252(`${header.replace('location', 'location,Größe')}a,S,2024-03-05,x,1\n`);
    expect(await take(inHeader)).toMatchObject({ added: 1, notes: [note], ignored: ['Größe'] });
    const rows = Array.from({ length: 3_000 }, (_, at) => `r${at},S,2024-03-05,plain text of a row\n`).join('');
    const { read, added, notes } = await take(windows1252(`${header}${rows}z,S,2024-03-05,Köln\n`));
    expect([read, added, notes]).toEqual([3_001, 3_001, [note]]);
    expect((await locations()).at(-1)).toBe('Köln');
  });

  test('property: words with letters of Western Europe are read as written', async () => {
    const letter = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz', ...'äöüßéèêçñåøæáíóúâôî');
    const word = fc
      .array(letter, { minLength: 3, maxLength: 12 })
      .map((letters) => letters.join(''))
      .filter((text) => !/[^a-z]{2}/.test(text));
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 5 }), async (words) => {
        const text = words.join(' ');
        const path = file('words', Buffer.from(`${text}\n`, 'latin1'));
        const expected = /[^ a-z]/.test(text) ? 'windows-1252' : undefined;
        expect(await guessEncoding({ path, compression: 'uncompressed' }, undefined)).toBe(expected);
      }),
      { numRuns: runs(300) },
    );
  });
});

describe('lines that are not UTF-8 are rejected, with a note that names --encoding, if the encoding is not clear', () => {
  const broken = (location: string | Buffer, other = 'x'): Buffer =>
    Buffer.concat([
      Buffer.from(`${header}a,S,2024-03-05,${other}\nb,S,2024-03-05,`),
      typeof location === 'string' ? Buffer.from(location, 'latin1') : location,
      Buffer.from('\nc,S,2024-03-05,y\n'),
    ]);
  test.each<[string, Buffer]>([
    ['beside a line of UTF-8', broken('Köln', 'Zürich')],
    ['a truncated character', broken('Z\xc3rich')],
    ['bytes of no text', broken('\xff\xfe')],
    ['Cyrillic in windows-1251', broken(Buffer.from([0xcc, 0xee, 0xf1, 0xea, 0xe2, 0xe0]))],
    ['a short word in windows-1251', broken(Buffer.from([0xe4, 0xe0]))],
    ['Polish in windows-1250', broken('Mi\xb3osna, Wroc\xb3aw')],
  ])('%s', async (_, bytes) => {
    const { read, added, quarantined, notes } = await take(bytes);
    expect([read, added, quarantined]).toEqual([3, 2, 1]);
    expect(notes).toEqual([expect.stringMatching(/^some lines are not UTF-8; use --encoding /)]);
    expect(await duckdb.rows('select line, reason from quarantine')).toEqual([{ line: 3, reason: 'not valid UTF-8' }]);
  });

  test('--encoding utf-8 keeps a file as it is', async () => {
    const { added, quarantined } = await take(broken('Köln'), { encoding: 'utf-8' });
    expect([added, quarantined]).toEqual([2, 1]);
  });
});

describe('UTF-16 without a byte order mark', () => {
  const text = `${header}a,S,2024-03-05,Köln\nb,S,2024-03-06,x\n`;
  const bytes = Buffer.from(text, 'utf16le');

  test.each<[string, Buffer]>([
    ['utf-16le', bytes],
    ['utf-16be', Buffer.from(bytes).swap16()],
  ])('%s is read, with a note', async (name, encoded) => {
    const { added, notes } = await take(encoded);
    expect([added, notes, await locations()]).toEqual([
      2,
      [`read as ${name}; use --encoding to change`],
      ['Köln', 'x'],
    ]);
  });

  test('binary data is none', () => {
    expect(utf16WithoutMark(Buffer.alloc(1024))).toBeUndefined();
    expect(utf16WithoutMark(Buffer.from('plain text of some length\n'))).toBeUndefined();
  });
});

describe('a file that was rejected', () => {
  const at = join(folder, 'again.duckdb');
  const run = async (args: string[]): Promise<string> => (await wattduck(['ingest', ...args, '--db', at])).stdout;

  test('is read again with another option, and also as before if no row was accepted', async () => {
    const cyrillic = Buffer.from([0xcc, 0xee, 0xf1, 0xea, 0xe2, 0xe0]);
    const path = file('cyrillic.csv', Buffer.concat([Buffer.from(`${header}a,S,2024-03-05,`), cyrillic]));
    expect(await run([path])).toContain('1 row read = 0 new');
    expect(await run([path])).toContain('1 row read = 0 new');
    expect(await run([path, '--encoding', 'windows-1251'])).toContain('1 row read = 1 new');
    expect(await run([path, '--encoding', 'windows-1251'])).toContain('already imported');
    expect(await run([path, '--encoding', 'koi8-r'])).toContain('1 row read');
  });

  test.each<[string, string, string[]]>([
    ['delimiter', 'session_id;station_id;start_time;energy,kwh\na;S;2024-03-05;1\n', ['--delimiter', ';']],
    ['skip-lines', `${header}session_id,station_id,start_time,kwh\na,S,2024-03-05,1\n`, ['--skip-lines', '1']],
    ['no-header', 'a,S,2024-03-05\n', ['--no-header', '--columns', 'session_id,station_id,start_time']],
    ['decimal-mark', `${header}a,S,2024-03-05,x\n`, ['--decimal-mark', ',']],
    ['time zone', `${header}a,S,2024-03-05 10:00,x\n`, ['--tz', 'Europe/Berlin']],
  ])('--%s is part of how it was read', async (name, text, args) => {
    const path = file(`${name}.csv`, Buffer.from(text));
    await run([path]);
    expect(await run([path, ...args])).toMatch(/\d rows? read/);
    expect(await run([path, ...args])).toContain('already imported');
  });
});
