import * as s from './sessions.ts';
import type { SessionSpec } from './sessions.ts';

const german = { zone: 'Europe/Berlin', offset: 2 } as const;
const names = ['Müller, Jörg', 'Groß, Petra', 'Yılmaz, Ebru', 'Schäfer, Uwe', 'König, Ulf', 'Weiß, Änne'].map((name) =>
  name.replace('ı', 'i'),
);

/** Layouts with German headers. */
export const germanLayouts: SessionSpec[] = [
  {
    name: 'Ladevorgaenge_Stadtwerke',
    language: 'de',
    network: {
      ...german,
      stations: s.numbered('LS-Rathaus-', 7),
      users: names,
      from: '2024-05-01',
      timeStep: 60,
      energyStep: 10,
    },
    columns: [
      s.column('Ladebeginn', s.started('dd.MM.yyyy HH:mm'), 'start_time'),
      s.column('Ladeende', s.ended('dd.MM.yyyy HH:mm'), 'end_time'),
      s.column('Ladestation', s.station, 'station_id'),
      s.column('Stecker-Nr.', s.connector, 'connector_id'),
      s.column('Kunde', s.user, 'user_id'),
      s.column('Energiemenge (kWh)', s.kilowattHours({ decimals: 2, mark: ',' }), 'energy_kwh'),
      s.column('Betrag brutto', s.money({ decimals: 2, mark: ',', after: ' €' }), 'amount_paid', 'currency'),
      s.column('Bemerkung', s.text('')),
      s.column('Wochentag', s.weekday('So', 'Mo', 'Di', 'Mi', 'Do', 'Fr', 'Sa')),
    ],
    style: {
      delimiter: ';',
      encoding: 'windows-1252',
      titles: ['Auswertung Ladevorgänge', 'Zeitraum: 01.05.2024 - 30.06.2024'],
      total: 'Summe',
      lineEnd: '\r\n',
    },
    constants: { currency: 'EUR' },
  },
  {
    name: 'wallbox-protokoll',
    language: 'de',
    network: {
      zone: 'Europe/Vienna',
      offset: 1,
      stations: ['Garage links', 'Garage rechts'],
      connectors: ['1'],
      users: s.numbered('k', 5),
      current: 'AC',
      from: '2024-01-02',
    },
    columns: [
      s.column('Wallbox', s.station, 'station_id'),
      s.column('RFID-Karte', s.rfid, 'rfid'),
      s.column('Beginn', s.started('dd.MM.yy HH:mm:ss'), 'start_time'),
      s.column('Ende', s.ended('dd.MM.yy HH:mm:ss'), 'end_time'),
      s.column(
        'Zählerstand Anfang (kWh)',
        s.meterStart(0.001, { decimals: 3, mark: ',', group: '.' }),
        'meter_start',
        'energy_kwh',
      ),
      s.column(
        'Zählerstand Ende (kWh)',
        s.meterStop(0.001, { decimals: 3, mark: ',', group: '.' }),
        'meter_stop',
        'energy_kwh',
      ),
      s.column('Lfd. Nr.', s.number),
    ],
    style: { delimiter: ';', encoding: 'utf-8-bom', blankRows: 1 },
  },
  {
    name: 'fuhrpark_export',
    language: 'de',
    network: {
      ...german,
      stations: s.numbered('DE*ABC*E', 8, 4),
      users: ['M-EV 101E', 'M-EV 102E', 'M-EV 207E', 'DAH-X 9E'],
      from: '2024-07-03',
      timeStep: 60,
    },
    columns: [
      [
        s.column('Datum Start', s.started('dd.MM.yyyy'), 'start_time'),
        s.column('Uhrzeit Start', s.started('HH:mm'), 'start_time'),
      ],
      [
        s.column('Datum Ende', s.ended('dd.MM.yyyy'), 'end_time'),
        s.column('Uhrzeit Ende', s.ended('HH:mm'), 'end_time'),
      ],
      s.column('Kennzeichen', s.user, 'user_id'),
      s.column('Ladesäule', s.station, 'station_id'),
      s.column('geladene kWh', s.kilowattHours({ decimals: 3, mark: ',' }), 'energy_kwh'),
      s.column('Kosten (EUR)', s.money({ decimals: 2, mark: ',' }), 'amount_paid', 'currency'),
      s.column('Kostenstelle', s.text('4711')),
      s.column('Belegnummer', s.id),
    ],
    style: { delimiter: ';', encoding: 'windows-1252', missingRows: 1 },
    constants: { currency: 'EUR' },
  },
  {
    name: 'Energiebericht',
    language: 'de',
    network: {
      ...german,
      stations: s.numbered('Ladesäule ', 5, 1),
      users: s.numbered('K', 9, 5),
      from: '2024-08-01',
      price: 0.59,
    },
    columns: [
      s.column('Startzeitpunkt', s.started('dd.MM.yyyy HH:mm:ss'), 'start_time'),
      s.column('Endzeitpunkt', s.ended('dd.MM.yyyy HH:mm:ss'), 'end_time'),
      s.column('Ladepunkt', s.station, 'station_id'),
      s.column('Kundennummer', s.user, 'user_id'),
      s.column('Verbrauch', s.wattHours({ decimals: 0, mark: ',', group: '.' }), 'energy_kwh'),
      s.column('Preis', s.money({ decimals: 2, mark: ',', after: ' EUR' }), 'amount_paid', 'currency'),
      s.column('CO2-Ersparnis (kg)', s.savedCarbon(',')),
    ],
    style: { delimiter: '\t', encoding: 'utf-16', total: 'Gesamt' },
    constants: { currency: 'EUR' },
  },
  {
    name: 'ladeliste-zuerich',
    language: 'de',
    network: {
      zone: 'Europe/Zurich',
      offset: 2,
      stations: s.numbered('P', 10, 3),
      users: ['Meier', 'Zürcher', 'Ammann', 'Bürgi'],
      from: '2024-04-02',
      price: 0.4,
    },
    columns: [
      s.column('Startzeit', s.started('yyyy-MM-dd HH:mm:ss'), 'start_time'),
      s.column('Standdauer', s.clock, 'end_time'),
      s.column('Parkplatz / Ladestation', s.station, 'station_id'),
      s.column('Anschluss', s.connector, 'connector_id'),
      s.column('Mieter', s.user, 'user_id'),
      s.column('Energie [Wh]', s.wattHours({ decimals: 0, mark: '.', group: "'" }), 'energy_kwh'),
      s.column('Betrag inkl. MwSt. (CHF)', s.money({ decimals: 2, mark: '.' }), 'amount_paid', 'currency'),
      s.column('MwSt. (CHF)', ({ amount }) => (amount / 1335).toFixed(2)),
    ],
    style: { delimiter: ';', repeatedHeaders: 2 },
    constants: { currency: 'CHF' },
  },
];
