import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { isFull, runs } from '../support/runs.ts';
import { needsMore, seededRandom, waitForWalWrite, type KillCounts } from './kill-timing.ts';
import { createHomes, spawnCli, spawnServer, stopServer, waitFor } from './spawn-cli.ts';
import { sessionsCsv } from './spawn-group.ts';

const folder = scratch();
const filled = join(folder, 'filled.duckdb');
const home = createHomes(folder, filled);

/** Sends rows until nobody answers, and tells which batches were acknowledged. */
async function send(url: string, writer: number, acknowledged: string[]): Promise<void> {
  for (let n = 0; ; n += 1) {
    const batch = `${writer}-${n}`;
    const rows = Array.from({ length: 50 }, (_, row) => ({
      session_id: `${batch}-${row}`,
      station_id: 'sent',
      start_time: '2024-01-01 00:00:00',
      energy_kwh: row,
    }));
    try {
      const response = await fetch(`${url}/v0/events?name=charging_sessions&wait=true`, {
        method: 'POST',
        body: rows.map((row) => JSON.stringify(row)).join('\n'),
      });
      expect([response.status, await response.json()]).toEqual([200, { successful_rows: 50, quarantined_rows: 0 }]);
    } catch (error) {
      // The server is gone; what was under way was promised to nobody.
      if (error instanceof TypeError) return;
      throw error;
    }
    acknowledged.push(batch);
  }
}

async function rowsOf(db: string, sql: string): Promise<Record<string, unknown>[]> {
  const { status, stdout, stderr } = await wattduck(['sql', sql, '--db', db, '--json']);
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Record<string, unknown>[];
}

test(
  'of a server killed at any moment nothing acknowledged is lost, and no batch or file is in by half',
  async () => {
    const random = seededRandom(20260107);
    const hits: KillCounts = { wanted: runs(40), wantedAtCommit: runs(15), hits: 0, atCommit: 0 };
    const seen = { acknowledged: 0, committedUnanswered: 0, filesIn: 0, filesOut: 0, filesAnswered: 0 };
    writeFileSync(join(folder, 'first.csv'), sessionsCsv(0, 1000, '2024-02-01 00:00:00'));
    writeFileSync(join(folder, 'second.csv'), sessionsCsv(1000, 21_000, '2024-02-02 00:00:00'));
    expect((await wattduck(['ingest', join(folder, 'first.csv'), '--db', filled])).status).toBe(0);
    for (let attempts = 0; needsMore(hits, attempts); attempts += 1) {
      const { cwd, db, env } = home();
      const server = await spawnServer(db, { cwd, env });
      const acknowledged: string[] = [];
      const sending = Promise.all([1, 2].map((writer) => send(server.url, writer, acknowledged)));
      // A command imports a file through the server meanwhile.
      const command = spawnCli(['ingest', join(folder, 'second.csv'), '--db', db, '--wait', '30'], { cwd, env });
      await Promise.race([waitFor(() => acknowledged.length > 0, 'the first rows are acknowledged'), sending]);
      const isAtCommit = attempts % 2 === 0;
      if (isAtCommit) {
        expect(await Promise.race([waitForWalWrite(db, 1 + Math.floor(random() * 60), server.ended), sending])).toBe(
          true,
        );
        hits.atCommit += 1;
      } else await setTimeout(random() * 1500);
      expect(await stopServer(server, 'SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
      hits.hits += 1;
      const answered = await command.ended;
      await sending;

      const batches = new Map(
        (
          await rowsOf(
            db,
            "select regexp_extract(session_id, '^\\d+-\\d+') as batch, count(*) as n, sum(energy_kwh)::varchar as kwh from charging_sessions where station_id = 'sent' group by 1",
          )
        ).map(({ batch, n, kwh }) => [String(batch), [Number(n), Number(kwh)]]),
      );
      expect(acknowledged.filter((batch) => !batches.has(batch))).toEqual([]);
      expect([...batches.values()].filter(([n, kwh]) => n !== 50 || kwh !== 1225)).toEqual([]);
      const [file] = await rowsOf(
        db,
        "select count(*) filter (station_id <> 'sent') as sessions, (select count(*) from ingests where file like '%second.csv') as imports from charging_sessions",
      );
      // 1,000 and 20,000 sessions, of which every 97th is bad.
      const [without, whole] = [
        { sessions: 989, imports: 0 },
        { sessions: 20_783, imports: 1 },
      ];
      expect([without, whole]).toContainEqual(file);
      if (answered.status === 0) expect(file).toEqual(whole);
      else
        expect([answered.status, answered.stderr]).toEqual([
          1,
          expect.stringContaining('the server that holds the database has stopped'),
        ]);
      seen.acknowledged += acknowledged.length;
      seen.committedUnanswered += batches.size - acknowledged.length;
      seen[file!['imports'] === 1 ? 'filesIn' : 'filesOut'] += 1;
      if (answered.status === 0) seen.filesAnswered += 1;
      // It counts the rows of every table.
      expect((await wattduck(['sources', '--db', db])).status).toBe(0);
    }
    if (isFull) console.log('killed servers:', hits, seen);
    expect(seen.acknowledged).toBeGreaterThan(0);
  },
  isFull ? 3_600_000 : 300_000,
);
