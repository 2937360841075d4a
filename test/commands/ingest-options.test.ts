import { mkdirSync, writeFileSync } from 'node:fs';
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

describe('a file that is in already', () => {
  test('is passed over until it changes, or is forced in', async () => {
    const [db, path] = [fresh(), file(two)];
    await ingest(db, path);
    const again = await ingest(db, path, '--json');
    expect(JSON.parse(again.stdout)).toEqual({
      file: path,
      source: 'charging_sessions',
      alreadyIn: expect.stringMatching(/^\d{4}-/) as string,
    });
    expect((await ingest(db, path)).stdout).toMatch(
      /: already in since \S+ \S+ UTC, unchanged \(charging_sessions\); --force takes it in again\n$/,
    );
    expect((await ingest(db, path, '--force')).stdout).toContain(
      '2 rows read = 0 new + 0 updated + 2 unchanged + 0 quarantined',
    );
    writeFileSync(path, two.replace(',1\n', ',9\n'));
    expect((await ingest(db, path)).stdout).toContain('2 rows read = 0 new + 1 updated + 1 unchanged + 0 quarantined');
  });

  test('is the same under another name, and another when read in another way', async () => {
    const db = fresh();
    await ingest(db, file(two));
    expect((await ingest(db, file(two))).stdout).toContain('already in');
    expect((await ingest(db, file(two), '--tz', 'Europe/Oslo')).stdout).toContain('2 rows read');
  });

  test('comes in again when its rows gave way to another', async () => {
    const [db, path] = [fresh(), file(two)];
    await ingest(db, path);
    await ingest(db, file(two.replaceAll(',S,', ',T,')), '--replace');
    expect((await ingest(db, path)).stdout).toContain('2 rows read = 0 new + 2 updated');
  });
});

describe('--strict and --max-errors', () => {
  test.each([['--strict'], ['--max-errors', '1']])(
    '%s %s: one bad row too many and nothing is kept',
    async (...options) => {
      const [db, path] = [fresh(), file(oneBad)];
      await ingest(db, file(two.replaceAll(/^[ab]/gm, 'z')));
      const { status, stdout, stderr } = await ingest(db, path, ...options.filter((each) => typeof each === 'string'));
      expect([status, stdout]).toEqual([3, '']);
      expect(stderr).toMatch(
        /: 2 rows are bad, (none|at most 1) may be; line 3: start_time "soon" is not a valid timestamp; nothing of the file was kept\. Mend them, [^\n]+\n$/,
      );
      expect(await select(db, 'count(*)')).toEqual(['1']);
      expect(await select(db, 'count(*)', 'quarantine')).toEqual(['0']);
      expect(await select(db, 'count(*)', 'ingests')).toEqual(['1']);
    },
  );

  test('as many bad rows as may be are quarantined', async () => {
    expect((await ingest(fresh(), file(oneBad), '--max-errors', '2')).stdout).toContain(
      '= 1 new + 0 updated + 0 unchanged + 2 quarantined',
    );
  });

  test('a good file passes, and the status is the worst of all files', async () => {
    const db = fresh();
    const { status, stdout, stderr } = await ingest(db, file(two), file(oneBad), join(folder, 'none.csv'), '--strict');
    expect([status, stdout.split('\n').length]).toEqual([3, 2]);
    expect(stderr).toMatch(/error: 2 of 3 files were not taken in\n$/);
  });

  test('what is no number is refused', async () => {
    expect(await ingest(fresh(), file(two), '--max-errors', 'few')).toMatchObject({
      status: 2,
      stderr: 'error: --max-errors: "few" is no whole number. Write it like 10.\n',
    });
  });
});

describe('--replace', () => {
  test('empties the source before the first file, and its quarantine; other sources stay', async () => {
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

  test('a file that can not be taken in replaces nothing', async () => {
    const db = fresh();
    await ingest(db, file(two));
    expect((await ingest(db, file(oneBad), '--replace', '--strict')).status).toBe(3);
    expect(await select(db, 'session_id')).toEqual(['a', 'b']);
  });
});

describe('--dry-run', () => {
  test('tells what would happen and writes nothing', async () => {
    const db = fresh();
    const { status, stdout, stderr } = await ingest(db, file(oneBad.replace('start_time', 'Started At')), '--dry-run');
    expect(status).toBe(0);
    expect(stdout).toContain('  start_time <- Started At\n');
    expect(stdout).toContain('of 3 rows 1 would be taken in, 2 quarantined; nothing was written\n');
    expect(stderr).toContain('1 row quarantined: start_time "soon" is not a valid timestamp; first on line 3\n');
    expect((await wattduck(['ingests', '--db', db])).stderr).toContain('no database');
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

  test('stand for the files in them', async () => {
    const db = fresh();
    const { status, stderr } = await ingest(db, join(folder, 'exports'));
    expect([status, stderr]).toEqual([
      0,
      '1 other file passed over\n2 files: 2 rows read = 2 new + 0 updated + 0 unchanged + 0 quarantined\n',
    ]);
    expect(await select(db, 'session_id')).toEqual(['p', 'q']);
    const byPattern = fresh();
    await ingest(byPattern, join(folder, 'exports', '**', '*.csv'));
    expect(await select(byPattern, 'session_id')).toEqual(['p']);
  });

  test('a pattern nothing is like is an error', async () => {
    expect(await ingest(fresh(), join(folder, '*.parquet'))).toMatchObject({
      status: 1,
      stderr: `error: no file is like ${join(folder, '*.parquet')}. Check the pattern.\n`,
    });
  });
});

describe('an encoding', () => {
  const latin = Buffer.from('session_id,station_id,start_time\na,Zürich 5€,2024-01-01\n', 'utf8')
    .toString('utf8')
    .replace('€', '');
  test('is told', async () => {
    const db = fresh();
    await ingest(db, file(Buffer.from(latin, 'latin1')), '--encoding', 'latin-1');
    expect(await select(db, 'station_id')).toEqual(['Zürich 5']);
  });

  test('untold, a header is refused', async () => {
    const header = Buffer.from('session_id,station_id,start_time,stra\u00dfe\na,S,2024-01-01,x\n', 'latin1');
    for (const path of [file(header), file(gzipSync(header), 'csv.gz')]) {
      expect(await ingest(fresh(), path)).toMatchObject({
        status: 1,
        stderr: `error: ${path}: its first line is not UTF-8. Say what it is with --encoding, for example --encoding latin-1.\n`,
      });
    }
    expect((await ingest(fresh(), file(header), '--encoding', 'latin-1')).stderr).toContain('left out: straße');
  });

  test('untold, its rows are quarantined; unknown, it is refused', async () => {
    expect((await ingest(fresh(), file(Buffer.from(latin, 'latin1')))).stderr).toContain('the row is not valid UTF-8');
    expect(await ingest(fresh(), file(latin), '--encoding', 'klingon')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--encoding: "klingon" is not known') as string,
    });
  });
});

describe('times and numbers that the file does not tell', () => {
  test('local times are read in --tz; of the hour that happens twice, an end is never before its start', async () => {
    const db = fresh();
    // In Oslo 02:00 to 03:00 on 2018-10-28 came twice, first at +02:00, then at +01:00.
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

  test('the zone of the settings counts where the command line has none; an unknown one is refused', async () => {
    const db = fresh();
    await wattduck(['ingest', '--db', db, file(two)], { env: { WATTDUCK_TZ: 'America/New_York' } });
    expect(await select(db, 'start_time')).toEqual(['2024-01-01 05:00:00', '2024-01-02 05:00:00']);
    expect(await ingest(fresh(), file(two), '--tz', 'Europe/Olso')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('"Europe/Olso" is no IANA time zone. Did you mean Europe/Oslo?') as string,
    });
  });

  const dates = (first: string, second: string): string => `${header}a,S,${first} 10:00,,1\nb,S,${second} 10:00,,1\n`;
  test('the order of day and month is told by a day above 12, and said', async () => {
    for (const [text, said, days] of [
      [dates('03/01/2024', '31/01/2024'), 'the day', ['2024-01-03', '2024-01-31']],
      [dates('03/01/2024', '01/31/2024'), 'the month', ['2024-01-31', '2024-03-01']],
    ] as const) {
      const db = fresh();
      expect((await ingest(db, file(text))).stderr).toContain(`its own dates tell that ${said} comes first`);
      expect(await select(db, 'start_time::date')).toEqual(days);
    }
  });

  test('an order that can not be told must be', async () => {
    const path = file(dates('03/01/2024', '04/02/2024'));
    expect(await ingest(fresh(), path)).toMatchObject({
      status: 1,
      stderr: `error: ${path}: a date like "03/01/2024 10:00" may be day first or month first, and no date in the file tells which. Say which with --date-order dmy or --date-order mdy; dates that can not be read so go to quarantine.\n`,
    });
    const db = fresh();
    expect((await ingest(db, path, '--date-order', 'mdy')).stdout).toContain('month first');
    expect(await select(db, 'start_time::date')).toEqual(['2024-03-01', '2024-04-02']);
  });

  test('of both orders in one file one is told, and the other goes to quarantine', async () => {
    const path = file(dates('31/01/2024', '01/31/2024'));
    expect((await ingest(fresh(), path)).stderr).toContain(
      'some dates are day first ("31/01/2024 10:00"), some month first ("01/31/2024 10:00")',
    );
    expect((await ingest(fresh(), path, '--date-order', 'dmy')).stdout).toContain(
      '1 new + 0 updated + 0 unchanged + 1 quarantined',
    );
  });

  test('what stands before the decimals is told, never guessed', async () => {
    const text =
      'session_id;station_id;start_time;energy_kwh\na;S;2024-01-01;1.234,5\nb;S;2024-01-01;29,87\nc;S;2024-01-01;3.5\n';
    const db = fresh();
    expect((await ingest(db, file(text))).stdout).toContain('1 new + 0 updated + 0 unchanged + 2 quarantined');
    const told = fresh();
    expect((await ingest(told, file(text), '--decimal-mark', ',')).stdout).toContain(
      '2 new + 0 updated + 0 unchanged + 1 quarantined',
    );
    expect(await select(told, 'session_id, energy_kwh')).toEqual(['a,1234.5', 'b,29.87']);
  });
});

describe('rows that hardly mean what they say', () => {
  test('are taken in, and told of', async () => {
    const db = fresh();
    const { stdout, stderr } = await ingest(
      db,
      file(
        `${header}a,S,0014-11-18 15:40:26,,1\nb,S,2099-01-01 00:00:00,,1\nc,S,2024-01-01,2024-01-20,1430\nd,S,2024-01-01,2024-01-20,1\n`,
      ),
    );
    expect(stdout).toContain('4 new + 0 updated + 0 unchanged + 0 quarantined');
    expect(stderr).toContain(
      '1 row taken in, but doubtful: start_time "0014-11-18 15:40:26" is before 2008; such as a\n',
    );
    expect(stderr).toContain(
      '1 row taken in, but doubtful: start_time "2099-01-01 00:00:00" is in the future; such as b\n',
    );
    expect(stderr).toContain(
      '2 rows taken in, but doubtful: end_time "2024-01-20 00:00:00" is more than a week after start_time; such as c\n',
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

describe('a packed file that breaks off', () => {
  const whole = gzipSync(
    header +
      Array.from({ length: 5_000 }, (_, at) => `s${at},S${(at * 7919) % 1000},2024-01-01 00:00:00,,${at}\n`).join(''),
  );
  test.each([
    ['an empty database', false],
    ['one with rows', true],
  ])('is refused, and nothing of it kept, in %s', async (_, hasRows) => {
    const db = fresh();
    if (hasRows) await ingest(db, file(two));
    const path = file(whole.subarray(0, whole.length / 2), 'csv.gz');
    expect(await ingest(db, path)).toMatchObject({
      status: 1,
      stderr: `error: ${path} is a broken gzip file: unexpected end of file. Fetch or export it again; nothing of it was kept.\n`,
    });
    expect(await select(db, 'count(*)')).toEqual([hasRows ? '2' : '0']);
    expect((await ingest(db, file(whole, 'csv.gz'))).stdout).toContain('5,000 rows read = 5,000 new');
  });
});

describe('files no one expects', () => {
  test('names that come twice are told apart: the first counts, the other is left out and named', async () => {
    const db = fresh();
    const { stderr } = await ingest(db, file('session_id,station_id,start_time,station_id\na,S,2024-01-01,T\n'));
    expect(stderr).toContain('left out: station_id (4)');
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

  test('ids stay text: zeros in front, beyond 2^53, 64 hex digits', async () => {
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
