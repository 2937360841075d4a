import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
let made = 0;
const file = (content: string | Buffer, ending = 'csv'): string => {
  const path = join(folder, `file-${(made += 1)}.${ending}`);
  writeFileSync(path, content);
  return path;
};
const fresh = (): string => join(folder, `db-${(made += 1)}.duckdb`);
const ingest = (db: string, ...args: string[]) => wattduck(['ingest', '--db', db, ...args]);
const select = async (db: string, list: string, table = 'charging_sessions'): Promise<string[]> =>
  (await wattduck(['sql', `select ${list} from ${table} order by 1`, '--db', db, '--format', 'csv'])).stdout
    .trim()
    .split('\n')
    .slice(1);

const header = 'session_id,station_id,start_time,end_time,energy_kwh\n';
const two = `${header}a,S,2024-01-01 00:00:00,,1\nb,S,2024-01-02 00:00:00,,2\n`;
const oneBad = `${header}a,S,2024-01-01 00:00:00,,1\nb,S,soon,,2\nc,S,2024-01-03 00:00:00,,lots\n`;

describe('a file that was already imported', () => {
  test('is skipped until it changes or --force is used', async () => {
    const [db, path] = [fresh(), file(two)];
    await ingest(db, path);
    const again = await ingest(db, path, '--json');
    expect(JSON.parse(again.stdout)).toEqual({
      file: path,
      source: 'charging_sessions',
      alreadyIn: expect.stringMatching(/^\d{4}-/) as string,
    });
    expect((await ingest(db, path)).stdout).toMatch(
      /: already imported on \S+ \S+ UTC, skipped \(charging_sessions; use --force to import again\)\n$/,
    );
    expect((await ingest(db, path, '--force')).stdout).toContain(
      '2 rows read = 0 new + 0 updated + 2 unchanged + 0 superseded + 0 rejected',
    );
    writeFileSync(path, two.replace(',1\n', ',9\n'));
    expect((await ingest(db, path)).stdout).toContain(
      '2 rows read = 0 new + 1 updated + 1 unchanged + 0 superseded + 0 rejected',
    );
  });

  test('is recognized under another name, and is new if read differently', async () => {
    const db = fresh();
    await ingest(db, file(two));
    expect((await ingest(db, file(two))).stdout).toContain('already imported');
    expect((await ingest(db, file(two), '--tz', 'Europe/Oslo')).stdout).toContain('2 rows read');
  });

  test('is imported again after its rows were replaced', async () => {
    const [db, path] = [fresh(), file(two)];
    await ingest(db, path);
    await ingest(db, file(two.replaceAll(',S,', ',T,')), '--replace');
    expect((await ingest(db, path)).stdout).toContain('2 rows read = 0 new + 2 updated');
  });
});

describe('--strict and --max-errors', () => {
  test.each([['--strict'], ['--max-errors', '1']])(
    '%s %s: with one rejected row too many nothing is imported',
    async (...options) => {
      const [db, path] = [fresh(), file(oneBad)];
      await ingest(db, file(two.replaceAll(/^[ab]/gm, 'z')));
      const { status, stdout, stderr } = await ingest(db, path, ...options.filter((each) => typeof each === 'string'));
      expect([status, stdout]).toEqual([3, '']);
      expect(stderr).toMatch(
        /: 2 rows rejected, [01] allowed; first on line 3: start_time "soon" is not a valid timestamp; nothing was imported\. Fix the rejected rows, [^\n]+\n$/,
      );
      expect(await select(db, 'count(*)')).toEqual(['1']);
      expect(await select(db, 'count(*)', 'quarantine')).toEqual(['0']);
      expect(await select(db, 'count(*)', 'ingests')).toEqual(['1']);
    },
  );

  test('rejected rows up to the maximum are allowed', async () => {
    expect((await ingest(fresh(), file(oneBad), '--max-errors', '2')).stdout).toContain(
      '= 1 new + 0 updated + 0 unchanged + 0 superseded + 2 rejected',
    );
  });

  test('a valid file passes, and the exit status is the worst of all files', async () => {
    const db = fresh();
    const { status, stdout, stderr } = await ingest(db, file(two), file(oneBad), join(folder, 'none.csv'), '--strict');
    expect([status, stdout.split('\n').length]).toEqual([3, 2]);
    expect(stderr).toMatch(/error: 2 of 3 files were not imported\n$/);
  });

  test('a value that is not a number is rejected', async () => {
    expect(await ingest(fresh(), file(two), '--max-errors', 'few')).toMatchObject({
      status: 2,
      stderr:
        'error: invalid value "few" for --max-errors: expected an integer of 0 or more. Use a number such as 10.\n',
    });
  });
});

describe('--replace', () => {
  test('empties the source and its quarantine before the first file; other sources stay', async () => {
    const db = fresh();
    await ingest(db, file(oneBad), 'fixtures/sites.csv');
    await ingest(
      db,
      file(`${header}x,S,2024-01-01 00:00:00,,1\n`),
      file(`${header}y,S,2024-01-01 00:00:00,,1\n`),
      '--replace',
    );
    expect(await select(db, 'session_id')).toEqual(['x', 'y']);
    expect(await select(db, 'count(*)', 'quarantine')).toEqual(['0']);
    expect(await select(db, 'count(*)', 'sites')).toEqual(['12']);
    expect(await select(db, 'replaced_at is null, rows_read', 'ingests')).toEqual([
      'false,3',
      'true,12',
      'true,1',
      'true,1',
    ]);
  });

  test('a file that cannot be imported replaces nothing', async () => {
    const db = fresh();
    await ingest(db, file(two));
    expect((await ingest(db, file(oneBad), '--replace', '--strict')).status).toBe(3);
    expect(await select(db, 'session_id')).toEqual(['a', 'b']);
  });
});

describe('--dry-run', () => {
  test('shows the result and imports nothing', async () => {
    const db = fresh();
    const { status, stdout, stderr } = await ingest(db, file(oneBad.replace('start_time', 'Started At')), '--dry-run');
    expect(status).toBe(0);
    expect(stdout).toContain('  start_time <- Started At\n');
    expect(stdout).toContain(': dry run of 3 rows: 1 valid, 2 rejected; nothing was imported\n');
    expect(stderr).toContain('1 row rejected: start_time "soon" is not a valid timestamp (first on line 3)\n');
    expect((await wattduck(['ingests', '--db', db])).stderr).toContain(`database ${db} not found`);
  });

  test('as JSON, with the first rows', async () => {
    const { stdout } = await ingest(fresh(), file(two), '--dry-run', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      source: 'charging_sessions',
      read: 2,
      quarantined: 0,
      columns: expect.arrayContaining([{ column: 'energy_kwh', from: ['energy_kwh'] }]) as unknown,
      first_rows: [
        { session_id: 'a', energy_kwh: 1 },
        { session_id: 'b', energy_kwh: 2 },
      ],
    });
  });
});

describe('folders and patterns', () => {
  const inside = join(folder, 'exports', 'deep');
  mkdirSync(inside, { recursive: true });
  writeFileSync(join(inside, 'one.csv'), `${header}p,S,2024-01-01 00:00:00,,1\n`);
  writeFileSync(
    join(folder, 'exports', 'two.ndjson'),
    '{"session_id":"q","station_id":"S","start_time":"2024-01-01"}\n',
  );
  writeFileSync(join(folder, 'exports', 'notes.md'), 'no table');

  test('expand to their files', async () => {
    const db = fresh();
    const { status, stderr } = await ingest(db, join(folder, 'exports'));
    expect([status, stderr]).toEqual([
      0,
      'skipped 1 file of other types\n2 files: 2 rows read = 2 new + 0 updated + 0 unchanged + 0 superseded + 0 rejected\n',
    ]);
    expect(await select(db, 'session_id')).toEqual(['p', 'q']);
    const byPattern = fresh();
    await ingest(byPattern, join(folder, 'exports', '**', '*.csv'));
    expect(await select(byPattern, 'session_id')).toEqual(['p']);
  });

  test('a pattern without matches is an error', async () => {
    expect(await ingest(fresh(), join(folder, '*.parquet'))).toMatchObject({
      status: 1,
      stderr: `error: no files match "${join(folder, '*.parquet')}". Check the pattern.\n`,
    });
  });
});

describe('an encoding', () => {
  const latin = Buffer.from('session_id,station_id,start_time\na,Zürich 5€,2024-01-01\n', 'utf8')
    .toString('utf8')
    .replace('€', '');
  test('is an option', async () => {
    const db = fresh();
    await ingest(db, file(Buffer.from(latin, 'latin1')), '--encoding', 'latin-1');
    expect(await select(db, 'station_id')).toEqual(['Zürich 5']);
  });

  test('without it, a header that is not UTF-8 is read if its encoding is clear, else rejected', async () => {
    const header = Buffer.from('session_id,station_id,start_time,stra\u00dfe\na,S,2024-01-01,x\n', 'latin1');
    for (const path of [file(header), file(gzipSync(header), 'csv.gz')]) {
      expect(await ingest(fresh(), path)).toMatchObject({
        status: 0,
        stderr: `${path}: read as windows-1252; use --encoding to change\n${path}: ignored columns: straße\n`,
      });
    }
    const unclear = file(Buffer.from('session_id,station_id,start_time,x\xff\na,S,2024-01-01,x\n', 'latin1'));
    expect(await ingest(fresh(), unclear)).toMatchObject({
      status: 1,
      stderr: `error: ${unclear}: the first line is not UTF-8. Name its encoding, such as --encoding windows-1252 (which includes latin-1).\n`,
    });
    expect((await ingest(fresh(), file(header), '--encoding', 'latin-1')).stderr).toContain('ignored columns: straße');
  });

  test('without it, invalid rows of an unclear encoding are rejected; an unknown encoding is an error', async () => {
    const unclear = Buffer.from(latin.replace('Zürich', 'Z\xfcrich \xff'), 'latin1');
    expect((await ingest(fresh(), file(unclear))).stderr).toContain('the row is not valid UTF-8');
    expect(await ingest(fresh(), file(latin), '--encoding', 'klingon')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('invalid value "klingon" for --encoding: unknown encoding') as string,
    });
  });
});

describe('ambiguous times and numbers', () => {
  test('local times use --tz; in a repeated hour, an end is never before its start', async () => {
    const db = fresh();
    // In Oslo 02:00 to 03:00 on 2018-10-28 occurred twice, first at +02:00, then at +01:00.
    await ingest(
      db,
      file(
        `${header}a,S,2018-10-28 02:30:00,2018-10-28 02:40:00,1\nb,S,2018-10-28 02:30:00,2018-10-28 02:10:00,1\nc,S,2018-10-28 02:30:00Z,2018-10-28 02:10:00Z,1\n`,
      ),
      '--tz',
      'Europe/Oslo',
    );
    expect(await select(db, 'session_id, start_time, end_time')).toEqual([
      'a,2018-10-28 00:30:00,2018-10-28 00:40:00',
      'b,2018-10-28 00:30:00,2018-10-28 01:10:00',
    ]);
    expect(await select(db, 'reason', 'quarantine')).toEqual(['is before start_time']);
  });

  test('the time zone of the settings applies without --tz; an unknown one is rejected', async () => {
    const db = fresh();
    await wattduck(['ingest', '--db', db, file(two)], { env: { WATTDUCK_TZ: 'America/New_York' } });
    expect(await select(db, 'start_time')).toEqual(['2024-01-01 05:00:00', '2024-01-02 05:00:00']);
    expect(await ingest(fresh(), file(two), '--tz', 'Europe/Olso')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        'invalid value "Europe/Olso" for --tz: expected an IANA time zone. Did you mean Europe/Oslo?',
      ) as string,
    });
  });

  const dates = (first: string, second: string): string => `${header}a,S,${first} 10:00,,1\nb,S,${second} 10:00,,1\n`;
  test('a day above 12 shows the date order, and it is reported', async () => {
    for (const [text, said, days] of [
      [dates('03/01/2024', '31/01/2024'), 'day', ['2024-01-03', '2024-01-31']],
      [dates('03/01/2024', '01/31/2024'), 'month', ['2024-01-31', '2024-03-01']],
    ] as const) {
      const db = fresh();
      expect((await ingest(db, file(text))).stderr).toContain(`detected date order: ${said} first`);
      expect(await select(db, 'start_time::date')).toEqual(days);
    }
  });

  test('an ambiguous date order requires the option', async () => {
    const path = file(dates('03/01/2024', '04/02/2024'));
    expect(await ingest(fresh(), path)).toMatchObject({
      status: 1,
      stderr: `error: ${path}: ambiguous date "03/01/2024 10:00": day first or month first. Use --date-order dmy or --date-order mdy; dates that do not fit are rejected.\n`,
    });
    const db = fresh();
    expect((await ingest(db, path, '--date-order', 'mdy')).stdout).toContain('month first');
    expect(await select(db, 'start_time::date')).toEqual(['2024-03-01', '2024-04-02']);
  });

  test('with both orders in one file, dates that do not fit the option are rejected', async () => {
    const path = file(dates('31/01/2024', '01/31/2024'));
    expect((await ingest(fresh(), path)).stderr).toContain(
      'some dates are day first ("31/01/2024 10:00"), others month first ("01/31/2024 10:00")',
    );
    expect((await ingest(fresh(), path, '--date-order', 'dmy')).stdout).toContain(
      '1 new + 0 updated + 0 unchanged + 0 superseded + 1 rejected',
    );
  });

  test('numbers that contradict each other need the decimal mark as an option', async () => {
    const text =
      'session_id;station_id;start_time;energy_kwh\na;S;2024-01-01;1.234,5\nb;S;2024-01-01;29,87\nc;S;2024-01-01;3.5\n';
    expect((await ingest(fresh(), file(text))).stderr).toContain(
      'some numbers have a decimal comma ("1.234,5"), others a point ("3.5"). Use --decimal-mark , or --decimal-mark .;',
    );
    const withComma = fresh();
    expect((await ingest(withComma, file(text), '--decimal-mark', ',')).stdout).toContain(
      '2 new + 0 updated + 0 unchanged + 0 superseded + 1 rejected',
    );
    expect(await select(withComma, 'session_id, energy_kwh')).toEqual(['a,1234.5', 'b,29.87']);
  });
});

describe('rows with implausible values', () => {
  test('are imported with a warning', async () => {
    const db = fresh();
    const { stdout, stderr } = await ingest(
      db,
      file(
        `${header}a,S,0014-11-18 15:40:26,,1\nb,S,2099-01-01 00:00:00,,1\nc,S,2024-01-01,2024-01-20,1430\nd,S,2024-01-01,2024-01-20,1\n`,
      ),
    );
    expect(stdout).toContain('4 new + 0 updated + 0 unchanged + 0 superseded + 0 rejected');
    expect(stderr).toContain(
      '1 row with an implausible value: start_time "0014-11-18 15:40:26" is before 2008 (for example a)\n',
    );
    expect(stderr).toContain(
      '1 row with an implausible value: start_time "2099-01-01 00:00:00" is in the future (for example b)\n',
    );
    expect(stderr).toContain(
      '2 rows with an implausible value: end_time "2024-01-20 00:00:00" is more than a week after start_time (for example c)\n',
    );
  });

  test('a meter that ran backwards marks its session', async () => {
    const db = fresh();
    await ingest(
      db,
      file(
        'session_id,station_id,start_time,meter_start,meter_stop\na,S,2024-01-01,10,5\nb,S,2024-01-01,5,10\nc,S,2024-01-01,5,\n',
      ),
    );
    expect(await select(db, 'session_id, invalid_meter_reading')).toEqual(['a,true', 'b,false', 'c,']);
  });
});

describe('a truncated gzip file', () => {
  const whole = gzipSync(
    header +
      Array.from({ length: 5_000 }, (_, at) => `s${at},S${(at * 7919) % 1000},2024-01-01 00:00:00,,${at}\n`).join(''),
  );
  test.each([
    ['an empty database', false],
    ['one with rows', true],
  ])('is rejected as a whole, into %s', async (_, hasRows) => {
    const db = fresh();
    if (hasRows) await ingest(db, file(two));
    const path = file(whole.subarray(0, whole.length / 2), 'csv.gz');
    expect(await ingest(db, path)).toMatchObject({
      status: 1,
      stderr: `error: ${path}: broken gzip file: unexpected end of file. Download or export it again; nothing was imported.\n`,
    });
    // A failed first import leaves no database behind.
    expect(existsSync(db)).toBe(hasRows);
    if (hasRows) expect(await select(db, 'count(*)')).toEqual(['2']);
    expect((await ingest(db, file(whole, 'csv.gz'))).stdout).toContain('5,000 rows read = 5,000 new');
  });
});

describe('unusual files', () => {
  test('repeated column names are numbered: the first is used, the other is ignored and named', async () => {
    const db = fresh();
    const { stderr } = await ingest(db, file('session_id,station_id,start_time,station_id\na,S,2024-01-01,T\n'));
    expect(stderr).toContain('ignored columns: station_id (4)');
    expect(await select(db, 'station_id')).toEqual(['S']);
  });

  test('500 columns, and a field of 100,000 letters', async () => {
    const db = fresh();
    const names = Array.from({ length: 497 }, (_, at) => `x${at}`);
    const long = 'ü'.repeat(100_000);
    await ingest(
      db,
      file(
        `session_id,station_id,start_time,location,${names.join(',')}\na,S,2024-01-01,"${long}",${names.join(',')}\n`,
      ),
    );
    expect(await select(db, 'session_id, length(location)')).toEqual(['a,100000']);
  });

  test('IDs stay text: leading zeros, beyond 2^53, 64 hex digits', async () => {
    const db = fresh();
    const ids = ['007', '9007199254740993', 'f'.repeat(64)];
    await ingest(db, file(`${header}${ids.map((id) => `${id},S,2024-01-01,,1\n`).join('')}`));
    expect(await select(db, 'session_id')).toEqual(ids);
    const json = fresh();
    await ingest(
      json,
      file(
        ids
          .slice(1, 2)
          .map((id) => `{"session_id":${id},"station_id":"S","start_time":"2024-01-01"}`)
          .join('\n'),
        'ndjson',
      ),
    );
    expect(await select(json, 'session_id')).toEqual(['9007199254740993']);
  });

  test.each([
    ['csv', `${header}a,S\u0000T,2024-01-01,,1\nb,S,2024-01-01,,1\n`],
    [
      'ndjson',
      '{"session_id":"a","station_id":"S\u0000T","start_time":"2024-01-01"}\n{"session_id":"b","station_id":"S","start_time":"2024-01-01"}\n',
    ],
  ])('a NUL byte in %s costs at most its own row', async (ending, text) => {
    const db = fresh();
    const { status, stdout } = await ingest(db, file(text, ending), '--json');
    const { read, added, quarantined } = JSON.parse(stdout) as Record<string, number>;
    expect([status, read, added! + quarantined!]).toEqual([0, 2, 2]);
    expect(await select(db, 'session_id')).toContain('b');
  });
});
