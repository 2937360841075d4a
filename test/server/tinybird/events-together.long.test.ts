import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WattduckError } from '../../../src/errors/wattduck-error.ts';
import { BatchWriter, type WriteRequest } from '../../../src/server/tinybird/batch-writer.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';
import { runs } from '../../support/runs.ts';

const server = await startInProcessServer();
const one = async (sql: string): Promise<number> =>
  Number(Object.values(await server.context.owner.systemConnection.row(sql))[0]);

/** A row as a client sends it: its text, and whether it is valid. */
interface Sent {
  id: number;
  kind: 'good' | 'late' | 'missing' | 'torn' | 'scalar';
  /** One more key, which changes the kind of the request. */
  extra: boolean;
}

const row: fc.Arbitrary<Sent> = fc.record({
  id: fc.nat(20),
  kind: fc.oneof(
    { arbitrary: fc.constant('good' as const), weight: 6 },
    fc.constantFrom('late' as const, 'missing' as const, 'torn' as const, 'scalar' as const),
  ),
  extra: fc.oneof({ arbitrary: fc.constant(false), weight: 15 }, fc.constant(true)),
});

function textOf({ id, kind, extra }: Sent, prefix: string): string {
  const record = {
    session_id: `${prefix}-${id}`,
    station_id: kind === 'missing' ? null : 'S',
    start_time: kind === 'late' ? 'soon' : '2024-01-01 10:00:00',
    energy_kwh: id,
    ...(extra ? { user_id: 'u' } : {}),
  };
  const text = JSON.stringify(record);
  if (kind === 'torn') return text.slice(0, -9);
  return kind === 'scalar' ? String(id) : text;
}

const post = (
  body: string,
): Promise<{ statusCode: number; json(): { successful_rows: number; quarantined_rows: number } }> =>
  server.app.inject({ method: 'POST', url: '/v0/events?name=charging_sessions&wait=true', payload: body });

describe('concurrent requests', () => {
  test('each get the counts of their own rows, and the sums match the tables', async () => {
    let run = 0;
    let merged = 0;
    const bodies = fc.array(
      fc
        .array(row, { minLength: 1, maxLength: 12 })
        .filter((rows) => rows.some(({ kind }) => kind !== 'torn' && kind !== 'scalar')),
      { minLength: 2, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(bodies, async (sent) => {
        const prefix = `run${(run += 1)}`;
        const before = [
          await one('select count(*) from ingests'),
          await one('select coalesce(max(ingest_id), 0) from ingests'),
        ] as const;
        const answers = await Promise.all(
          sent.map((rows) => post(rows.map((each) => textOf(each, prefix)).join('\n'))),
        );
        const badOf = (rows: Sent[]): number => rows.filter(({ kind }) => kind !== 'good').length;
        expect(answers.map((answer) => [answer.statusCode, answer.json()])).toEqual(
          sent.map((rows) => [200, { successful_rows: rows.length - badOf(rows), quarantined_rows: badOf(rows) }]),
        );
        const all = sent.flat();
        expect(await one(`select count(*) from db.main.charging_sessions where session_id like '${prefix}-%'`)).toBe(
          new Set(all.filter(({ kind }) => kind === 'good').map(({ id }) => id)).size,
        );
        expect(await one(`select count(*) from quarantine where ingest_id > ${before[1]}`)).toBe(badOf(all));
        expect(await one(`select coalesce(sum(rows_read), 0) from ingests where ingest_id > ${before[1]}`)).toBe(
          all.length,
        );
        const ledger = (await one('select count(*) from ingests')) - before[0];
        expect(ledger).toBeLessThanOrEqual(sent.length);
        if (ledger < sent.length) merged += 1;
      }),
      { numRuns: runs(40) },
    );
    expect(merged).toBeGreaterThan(0);
  });

  test("with different columns do not overwrite each other's values", async () => {
    const rowOf = (more: Record<string, unknown>): string =>
      JSON.stringify({
        session_id: 'columns',
        station_id: 'S',
        start_time: '2024-01-01 10:00:00',
        timestamp: '2024-01-01 11:00:00',
        ...more,
      });
    const answers = await Promise.all([
      post(rowOf({ user_id: 'u' })),
      post(rowOf({ location: 'L' })),
      post(rowOf({ currency: 'EUR' })),
    ]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect(
      await server.context.owner.systemConnection.row(
        "select user_id, location, currency from db.main.charging_sessions where session_id = 'columns'",
      ),
    ).toEqual({ user_id: 'u', location: 'L', currency: 'EUR' });
  });
});

describe('a batch', () => {
  /** Writes that end on demand. */
  function held(fails: (pieces: readonly Named[]) => boolean = () => false) {
    const written: string[][] = [];
    let release: () => void = () => undefined;
    let hold = new Promise<void>((go) => (release = go));
    const batches = new BatchWriter<Named, string>(async (pieces) => {
      written.push(pieces.map(({ name }) => name));
      await hold;
      if (fails(pieces)) throw new WattduckError('query_failed', { reason: pieces.map(({ name }) => name).join() });
      return pieces.map(({ name }) => `${name} done`);
    });
    return {
      written,
      batches,
      go: () => release(),
      holdAgain: () => void (hold = new Promise<void>((go) => (release = go))),
    };
  }
  interface Named extends WriteRequest {
    name: string;
  }
  const piece = (name: string, kind?: string, bytes = 1): Named => ({
    name,
    bytes,
    ...(kind === undefined ? {} : { kind }),
  });

  test('has the requests of one kind that arrived during the previous batch, oldest first', async () => {
    const { written, batches, go } = held();
    const done = Promise.all(
      [piece('a', 'x'), piece('b', 'y'), piece('c', 'x'), piece('d'), piece('e', 'y'), piece('f')].map((each) =>
        batches.add(each),
      ),
    );
    go();
    expect(await done).toEqual(['a done', 'b done', 'c done', 'd done', 'e done', 'f done']);
    expect(written).toEqual([['a'], ['b', 'e'], ['c'], ['d'], ['f']]);
  });

  test('that fails is retried request by request: each gets its own error', async () => {
    const { written, batches, go } = held((pieces) => pieces.some(({ name }) => name === 'bad'));
    const done = Promise.allSettled(['first', 'good', 'bad', 'fine'].map((name) => batches.add(piece(name, 'x'))));
    go();
    expect(
      (await done).map((each) => (each.status === 'fulfilled' ? each.value : String((each.reason as Error).message))),
    ).toEqual(['first done', 'good done', 'query failed: bad', 'fine done']);
    expect(written).toEqual([['first'], ['good', 'bad', 'fine'], ['good'], ['bad'], ['fine']]);
  });

  test('has a size limit: further requests are rejected, and accepted ones are written', async () => {
    const { written, batches, go } = held();
    const large = batches.add(piece('large', 'x', 100_000_000));
    expect(() => batches.assertNotFull()).toThrow('write queue is full');
    await expect(batches.add(piece('more', 'x'))).rejects.toMatchObject({ kind: 'too_many_requests' });
    go();
    expect(await large).toBe('large done');
    expect(await batches.add(piece('later', 'x'))).toBe('later done');
    expect(written).toEqual([['large'], ['later']]);
  });
});

test('if the queue is full, a client gets Retry-After, and its rows are not written', async () => {
  const { app, context } = await startInProcessServer();
  let release: () => void = () => undefined;
  const released = new Promise<void>((go) => (release = go));
  const blocked = context.owner.write(() => released);
  const filler = (id: number): string =>
    JSON.stringify({
      session_id: `wait${id}`,
      station_id: 'S',
      start_time: '2024-01-01',
      location: 'x'.repeat(9_000_000),
    });
  // Of nine requests of nine million bytes seven fit; nothing is written before two are rejected.
  const refused: [number, unknown, string][] = [];
  const answers = await Promise.all(
    Array.from({ length: 9 }, async (_, id) => {
      const { statusCode, headers, body } = await app.inject({
        method: 'POST',
        url: '/v0/events?name=charging_sessions',
        payload: filler(id),
      });
      if (statusCode === 429) refused.push([id, headers['retry-after'], body]);
      if (refused.length === 2) release();
      return [id, statusCode] as const;
    }),
  );
  await blocked;
  const told = JSON.stringify({
    error: 'write queue is full. Retry in 1 second.',
    documentation: '/docs',
  });
  const taken = answers.filter(([, status]) => status === 202).map(([id]) => `wait${id}`);
  expect(taken).toHaveLength(7);
  expect(refused.toSorted(([a], [b]) => a - b)).toEqual(
    answers.filter(([, status]) => status === 429).map(([id]) => [id, '1', told]),
  );
  expect(
    (
      await context.owner.systemConnection.rows('select session_id from db.main.charging_sessions order by session_id')
    ).map((row) => row['session_id']),
  ).toEqual(taken);
});
