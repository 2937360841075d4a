import fc from 'fast-check';
import { expect, test } from 'vitest';
import { engineDatabase } from '../support/engine-database.ts';
import { ocppLog, type Frame } from '../support/ocpp-log.ts';
import { runs } from '../support/runs.ts';

const { content, rows, empty } = await engineDatabase();

/** One charging of a connector, and what the log has of it. */
interface Charge {
  connector: number;
  tag: string;
  /** Minutes since the previous charge of the connector ended. */
  pause: number;
  minutes: number;
  /** Wh per meter reading. */
  steps: number[];
  /** Transaction ID; -2 for one that is used once. */
  id: number;
  hasStart: boolean;
  hasResponse: boolean;
  hasStop: boolean;
  /** Whether the start is sent again, with another response. */
  isRepeated: boolean;
  /** Minutes the charge point is offline at the start. */
  delay: number;
  soc: number | null;
}

const at = (minute: number): string =>
  new Date(Date.UTC(2025, 2, 1) + Math.round(minute * 60_000)).toISOString().replace('.000Z', 'Z');

const often = fc.integer({ min: 0, max: 9 }).map((dice) => dice > 0);
const charge = (kind: 'whole' | 'torn'): fc.Arbitrary<Charge> => {
  const isThere = kind === 'whole' ? fc.constant(true) : often;
  return fc.record({
    connector: fc.integer({ min: 1, max: 2 }),
    tag: fc.constantFrom('A', 'B'),
    pause: fc.integer({ min: 1, max: 20 }),
    minutes: fc.integer({ min: 4, max: 90 }),
    steps: fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 3 }),
    id: kind === 'whole' ? fc.constant(-2) : fc.constantFrom(-2, -2, -2, 0, -1, 5),
    hasStart: isThere,
    hasResponse: kind === 'whole' ? fc.constant(true) : fc.boolean(),
    hasStop: isThere,
    isRepeated: fc.integer({ min: 0, max: 5 }).map((dice) => kind === 'torn' && dice === 0),
    delay: fc.constantFrom(0, 0, 0, 30),
    soc: fc.option(fc.integer({ min: 0, max: 60 })),
  });
};

/** Wh of a charge; the last step is only in the stop. */
const energy = ({ steps }: Charge): number => steps.reduce((sum, step) => sum + step, 0) + 10;

/** Frames of a charge point of OCPP 1.6 in groups that belong to one minute, and the times of each charge. */
function version16(station: string, charges: readonly Charge[]): { frames: Frame[]; times: [number, number][] } {
  const frames: Frame[] = [];
  const free: Record<number, number> = { 1: 0, 2: 0.1 };
  const meters: Record<number, number> = { 1: 1_000, 2: 50_000 };
  const times: [number, number][] = [];
  // A reboot begins the message IDs again.
  const message = (): string => String(frames.length % 7);
  const send = (minute: number, action: string, payload: object, response?: object): void => {
    const id = message();
    frames.push({ at: at(minute), station, frame: [2, id, action, payload] });
    if (response) frames.push({ at: at(minute + 0.01), station, frame: [3, id, response] });
  };
  for (const [index, each] of charges.entries()) {
    const { connector: connectorId, tag: idTag, steps, soc } = each;
    const id = each.id === -2 ? 1_000 + index : each.id;
    const begins = free[connectorId]! + each.pause;
    const ends = begins + each.minutes;
    const logged = begins + Math.min(each.delay, each.minutes / 4);
    const meterStart = meters[connectorId]!;
    times.push([begins, ends]);
    const start = { connectorId, idTag, meterStart, timestamp: at(begins) };
    if (each.hasStart) {
      if (each.isRepeated) send(logged, 'StartTransaction', start, { transactionId: 9_000 + index });
      send(logged + 0.5, 'StartTransaction', start, each.hasResponse ? { transactionId: id } : undefined);
    }
    let wh = meterStart;
    for (const [step, added] of steps.entries()) {
      wh += added;
      const minute = begins + (each.minutes * (step + 2)) / (steps.length + 3);
      const sampledValue = [
        { value: String(wh / 1000), unit: 'kWh' },
        { value: '77', measurand: 'Energy.Active.Import.Interval' },
        ...(soc === null ? [] : [{ value: String(soc + step), measurand: 'SoC', unit: 'Percent' }]),
      ];
      send(minute, 'MeterValues', {
        connectorId,
        transactionId: id,
        meterValue: [{ timestamp: at(minute), sampledValue }],
      });
    }
    if (each.hasStop)
      send(
        ends,
        'StopTransaction',
        { transactionId: id, idTag, meterStop: meterStart + energy(each), timestamp: at(ends), reason: 'Local' },
        {},
      );
    free[connectorId] = ends;
    meters[connectorId] = meterStart + energy(each);
  }
  return { frames, times };
}

/** Frames of a charge point of OCPP 2.0.1. */
function version201(station: string, charges: readonly Charge[]): { frames: Frame[]; times: [number, number][] } {
  const frames: Frame[] = [];
  const times: [number, number][] = [];
  let minute = 0;
  for (const [index, each] of charges.entries()) {
    const begins = minute + each.pause;
    const ends = begins + each.minutes;
    times.push([begins, ends]);
    let seqNo = 0;
    const send = (time: number, eventType: string, wh: number | null, context: string, more: object = {}): void => {
      const sampledValue = [
        { value: wh === null ? 0 : wh / 10, context, unitOfMeasure: { unit: 'Wh', multiplier: 1 } },
        { value: 5, context, phase: 'L1' },
        ...(each.soc === null ? [] : [{ value: each.soc + seqNo, measurand: 'SoC' }]),
      ];
      const payload = {
        eventType,
        timestamp: at(time),
        seqNo,
        transactionInfo: {
          transactionId: `${station}-${index}`,
          ...(eventType === 'Ended' ? { stoppedReason: 'Local', timeSpentCharging: 60 } : {}),
        },
        ...(wh === null ? {} : { meterValue: [{ timestamp: at(time), sampledValue }] }),
        ...more,
      };
      frames.push({
        at: at(time + 0.02),
        station,
        frame: [2, `${station}${frames.length}`, 'TransactionEvent', payload],
      });
      seqNo += 1;
    };
    const identity = { evse: { id: each.connector, connectorId: 1 }, idToken: { idToken: each.tag, type: 'ISO14443' } };
    if (each.hasStart) send(begins, 'Started', each.hasResponse ? 100 : null, 'Transaction.Begin');
    let wh = 100;
    for (const [step, added] of each.steps.entries()) {
      wh += added;
      send(begins + (each.minutes * (step + 1)) / (each.steps.length + 2), 'Updated', wh, 'Sample.Periodic', identity);
    }
    if (each.hasStop) send(ends, 'Ended', 100 + energy(each), 'Transaction.End', identity);
    minute = ends;
  }
  return { frames, times };
}

const list =
  'session_id, transaction_id, station_id, connector_id, rfid, start_time, end_time, energy_kwh, meter_start, meter_stop, invalid_meter_reading, start_soc, stop_soc, charging_seconds, stop_reason, "timestamp"';
const sessions = (): Promise<(string | null)[][]> => rows(`select ${list} from charging_sessions order by session_id`);

async function emptyAll(): Promise<void> {
  for (const source of ['charging_sessions', 'charge_point_events']) await empty(source);
}

/** Charges of several charge points, so that one run tests many logs; every second is of OCPP 2.0.1. */
const network = (kind: 'whole' | 'torn') =>
  fc.array(fc.array(charge(kind), { maxLength: 6 }), { minLength: 1, maxLength: 16 }).map((stations) =>
    stations.map((charges, index) => ({
      station: `CP${index}`,
      charges,
      ...(index % 2 === 0 ? version16(`CP${index}`, charges) : version201(`CP${index}`, charges)),
    })),
  );

function shuffled<T>(items: readonly T[], ranks: Iterator<number>): T[] {
  return items
    .map((each) => ({ each, rank: Number(ranks.next().value) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ each }) => each);
}

test('a complete log gives each session once, with the energy of its meter', async () => {
  await fc.assert(
    fc.asyncProperty(network('whole'), fc.infiniteStream(fc.nat(1_000)), async (stations, ranks) => {
      await emptyAll();
      const frames = shuffled(
        stations.flatMap((each) => each.frames),
        ranks,
      );
      const result = await content('whole.csv', ocppLog(frames));
      const expected = stations.flatMap(({ station, charges, times }, index) =>
        charges.map((each, place) => [
          station,
          index % 2 === 0 ? String(each.connector) : `${each.connector}/1`,
          each.tag,
          ...times[place]!.map((minute) => String(Date.parse(at(minute)))),
          String(energy(each)),
        ]),
      );
      const found = await rows(
        'select station_id, connector_id, rfid, epoch_ms(start_time), epoch_ms(end_time), (energy_kwh * 1000)::int from charging_sessions',
      );
      const sorted = (all: unknown[][]): unknown[][] => all.toSorted((a, b) => (String(a) < String(b) ? -1 : 1));
      expect(sorted(found)).toEqual(sorted(expected));
      if (expected.length > 0) expect(result.logSessions?.added).toBe(expected.length);
    }),
    { numRuns: runs(8), seed: 20260301, endOnFailure: true },
  );
});

/** Sessions of another file, near those of the log. */
const provided = fc.array(
  fc.record({
    station: fc.integer({ min: 0, max: 9 }),
    connector: fc.constantFrom('1', '2', '1/1', ''),
    id: fc.constantFrom('1000', '0', '5', 'CP1-0', 'other', ''),
    start: fc.integer({ min: 0, max: 240 }),
    minutes: fc.integer({ min: 1, max: 60 }),
  }),
  { maxLength: 8 },
);

test('order, repetition and splitting of logs and of other files do not matter', async () => {
  await fc.assert(
    fc.asyncProperty(network('torn'), provided, fc.infiniteStream(fc.nat(1_000)), async (stations, others, ranks) => {
      const frames = stations.flatMap((each) => each.frames);
      const header = 'session_id,station_id,connector_id,transaction_id,start_time,end_time,energy_kwh';
      const cdrs = others.map(
        ({ station, connector, id, start, minutes }, index) =>
          `cdr-${index},CP${station},${connector},${id},${at(start)},${at(start + minutes)},1`,
      );
      await emptyAll();
      if (frames.length > 0) await content('all.csv', ocppLog(frames));
      if (cdrs.length > 0) await content('cdrs.csv', `${[header, ...cdrs].join('\n')}\n`);
      const expected = await sessions();

      await emptyAll();
      const parts: Frame[][] = Array.from({ length: 4 }, () => []);
      const random = (below: number): number => Number(ranks.next().value) % below;
      for (const frame of frames) {
        parts[random(4)]!.push(frame);
        // Some frames are in two files, or twice in one.
        if (random(10) === 0) parts[random(4)]!.push(frame);
      }
      const cdrParts = [0, 1].map((part) => cdrs.filter((_, index) => index % 2 === part));
      const files = [
        ...parts.filter((part) => part.length > 0).map((part) => ocppLog(shuffled(part, ranks))),
        ...cdrParts.filter((part) => part.length > 0).map((part) => `${[header, ...part].join('\n')}\n`),
      ];
      for (const [index, text] of shuffled(files, ranks).entries()) await content(`part-${index}.csv`, text);
      expect(await sessions()).toEqual(expected);
    }),
    { numRuns: runs(8), seed: 20260302, endOnFailure: true },
  );
});
