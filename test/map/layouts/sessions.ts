import { formatClock, formatNumber, formatTime, type NumberStyle } from './format.ts';
import { column, type Columns, type Expected, type FileStyle, type Layout, type Session } from './layout.ts';
import { Random } from './random.ts';
import { writeFile } from './write-file.ts';

const minute = 60_000;
const hour = 60 * minute;

/** What the sessions of a layout are like. */
export interface Network {
  stations: readonly string[];
  connectors?: readonly string[];
  users?: readonly string[];
  /** AC sessions last hours, DC sessions minutes; both if absent. */
  current?: 'AC' | 'DC';
  /** First day, and the hours that UTC is behind the wall clock. */
  from: string;
  zone?: string;
  offset: number;
  days?: number;
  /** Only days that can be months. */
  hasLowDaysOnly?: boolean;
  /** Precision of times in seconds, and of energy in Wh. */
  timeStep?: number;
  energyStep?: number;
  /** Price of a kWh. */
  price?: number;
}

export interface SessionSpec {
  name: string;
  language: string;
  network: Network;
  columns: Columns<Session>;
  style: FileStyle;
  /** Options for what the file does not show, except the time zone. */
  options?: readonly string[];
  /** Values that the whole file has in common. */
  constants?: Expected;
}

const toStep = (value: number, step: number): number => Math.round(value / step) * step;

/** About 60 plausible sessions, in the order of their starts. */
function sessionsOf(network: Network, random: Random): Session[] {
  const { days = 55, timeStep = 1, energyStep = 1, price = 0.45 } = network;
  const first = Date.parse(`${network.from}T00:00:00Z`);
  const starts = new Set<number>();
  const count = random.integer(56, 64);
  while (starts.size < count) {
    const start = toStep(first + random.between(0, days * 24 * hour), timeStep * 1000);
    if (!network.hasLowDaysOnly || new Date(start).getUTCDate() <= 12) starts.add(start);
  }
  const meters = new Map(network.stations.map((station) => [station, random.integer(40_000, 900_000) * 10]));
  const rfids = new Map((network.users ?? ['']).map((user) => [user, random.hex(14).toUpperCase()]));
  return [...starts]
    .toSorted((a, b) => a - b)
    .map((start, place) => {
      const station = random.pick(network.stations);
      const current = network.current ?? (random.next() < 0.6 ? 'AC' : 'DC');
      const charged = current === 'AC' ? random.between(1, 7) * hour : random.between(15, 50) * minute;
      const power = current === 'AC' ? random.pick([3.6, 7.2, 10.8]) : random.between(35, 110);
      const chargingEnd = start + toStep(charged, timeStep * 1000);
      const idle = current === 'AC' ? random.between(0, 4) * hour : random.between(0, 10) * minute;
      const energy = toStep(power * ((chargingEnd - start) / hour) * random.between(0.8, 0.98) * 1000, energyStep);
      const meterStart = toStep(meters.get(station)!, energyStep);
      meters.set(station, meterStart + energy);
      const user = network.users ? random.pick(network.users) : '';
      const startSoc = random.integer(8, 55);
      return {
        number: place + 1,
        id: String(480_100 + place * 3 + random.integer(0, 2)),
        station,
        connector: random.pick(network.connectors ?? ['1', '2']),
        user,
        rfid: rfids.get(user) ?? random.hex(14).toUpperCase(),
        start,
        chargingEnd,
        end: chargingEnd + toStep(idle, timeStep * 1000),
        energy,
        meterStart,
        amount: Math.round((energy / 1000) * price * 100) + 50,
        startSoc,
        stopSoc: random.integer(startSoc + 5, 100),
        current,
      };
    });
}

const fillsOf = (session: Session, offset: number): Expected => {
  const time = (wall: number): string => formatTime(wall - offset * hour, 'yyyy-MM-dd HH:mm:ss');
  return {
    station_id: session.station,
    connector_id: session.connector,
    user_id: session.user,
    rfid: session.rfid,
    start_time: time(session.start),
    end_time: time(session.end),
    energy_kwh: session.energy / 1000,
    amount_paid: session.amount / 100,
    meter_start: session.meterStart,
    meter_stop: session.meterStart + session.energy,
    start_soc: session.startSoc,
    stop_soc: session.stopSoc,
  };
};

const compared = [
  'station_id',
  'connector_id',
  'user_id',
  'rfid',
  'start_time',
  'end_time',
  'energy_kwh',
  'amount_paid',
  'currency',
  'meter_start',
  'meter_stop',
  'start_soc',
  'stop_soc',
] as const;

/** Writes the file of a layout, and computes the rows it must become. */
export function sessionLayout(spec: SessionSpec, seed: number): Layout {
  const random = new Random(seed);
  const sessions = sessionsOf(spec.network, random);
  const columns = random.shuffle(spec.columns).flat();
  const sum = (pick: (session: Session) => number): number => sessions.reduce((total, each) => total + pick(each), 0);
  const total = { ...sessions[0]!, energy: sum(({ energy }) => energy), amount: sum(({ amount }) => amount) };
  const headers: Record<string, string[]> = {};
  for (const { header, fills } of columns) for (const each of fills) (headers[each] ??= []).push(header);
  return {
    name: spec.name,
    language: spec.language,
    file: `${spec.name}.csv`,
    bytes: writeFile(random.shuffle(sessions), columns, spec.style, random, total),
    options: [...(spec.network.zone === undefined ? [] : ['--tz', spec.network.zone]), ...(spec.options ?? [])],
    source: 'charging_sessions',
    compared,
    headers,
    expected: sessions.map((session) => {
      const values: Expected = { ...fillsOf(session, spec.network.offset), ...spec.constants };
      return Object.fromEntries(
        compared.map((name) => [name, headers[name] || spec.constants?.[name] ? (values[name] ?? null) : null]),
      );
    }),
  };
}

type Write = (session: Session) => string;

export const started =
  (pattern: string): Write =>
  ({ start }) =>
    formatTime(start, pattern);
export const ended =
  (pattern: string): Write =>
  ({ end }) =>
    formatTime(end, pattern);
export const chargingEnded =
  (pattern: string): Write =>
  ({ chargingEnd }) =>
    formatTime(chargingEnd, pattern);

export const kilowattHours =
  (style: NumberStyle): Write =>
  ({ energy }) =>
    formatNumber(energy / 1000, style);
export const wattHours =
  (style: NumberStyle): Write =>
  ({ energy }) =>
    formatNumber(energy, style);
export const money =
  (style: NumberStyle): Write =>
  ({ amount }) =>
    formatNumber(amount / 100, style);
export const meterStart =
  (factor: number, style: NumberStyle): Write =>
  (each) =>
    formatNumber(each.meterStart * factor, style);
export const meterStop =
  (factor: number, style: NumberStyle): Write =>
  (each) =>
    formatNumber((each.meterStart + each.energy) * factor, style);

export const clock: Write = ({ start, end }) => formatClock(end - start);
export const minutes: Write = ({ start, end }) => String((end - start) / minute);
export const hours =
  (style: NumberStyle): Write =>
  ({ start, end }) =>
    formatNumber((end - start) / hour, style);
export const seconds: Write = ({ start, end }) => String((end - start) / 1000);

export const unixStart: Write = ({ start }) => String(start / 1000);
export const unixEnd: Write = ({ end }) => String(end / 1000);

export const station: Write = (each) => each.station;
export const connector: Write = (each) => each.connector;
export const user: Write = (each) => each.user;
export const rfid: Write = (each) => each.rfid;
export const id: Write = (each) => each.id;
export const number: Write = (each) => String(each.number);
export const current: Write = (each) => each.current;
export const startSoc: Write = (each) => String(each.startSoc);
export const stopSoc: Write = (each) => String(each.stopSoc);
export const text =
  (value: string): Write =>
  () =>
    value;

/** CO2 that the session saved, in kg. */
export const savedCarbon =
  (mark: ',' | '.'): Write =>
  ({ energy }) =>
    formatNumber(energy * 0.00042, { decimals: 2, mark });

/** The day of the week, from a list that starts with Sunday. */
export const weekday =
  (...names: string[]): Write =>
  ({ start }) =>
    names[new Date(start).getUTCDay()]!;

/** Numbered names such as `LS-01`. */
export const numbered = (prefix: string, count: number, digits = 2): string[] =>
  Array.from({ length: count }, (_, place) => `${prefix}${String(place + 1).padStart(digits, '0')}`);

export { column };
