import * as s from './sessions.ts';
import type { SessionSpec } from './sessions.ts';

const paris = { zone: 'Europe/Paris', offset: 2 } as const;
const amsterdam = { zone: 'Europe/Amsterdam', offset: 1 } as const;

/** Layouts with French headers. */
export const french: SessionSpec[] = [
  {
    name: 'sessions-bornes',
    language: 'fr',
    network: {
      ...paris,
      stations: s.numbered('FR*S38*P', 8, 5),
      users: s.numbered('b', 9),
      from: '2024-05-03',
      timeStep: 60,
      energyStep: 10,
    },
    columns: [
      s.column('Borne', s.station, 'station_id'),
      s.column('N° connecteur', s.connector, 'connector_id'),
      s.column('N° de badge', s.rfid, 'rfid'),
      [
        s.column('Date de début', s.started('dd/MM/yyyy'), 'start_time'),
        s.column('Heure de début', s.started('HH:mm'), 'start_time'),
      ],
      [
        s.column('Date de fin', s.ended('dd/MM/yyyy'), 'end_time'),
        s.column('Heure de fin', s.ended('HH:mm'), 'end_time'),
      ],
      s.column('Énergie délivrée (kWh)', s.kilowattHours({ decimals: 2, mark: ',' }), 'energy_kwh'),
      s.column('Montant TTC', s.money({ decimals: 2, mark: ',', after: ' €' }), 'amount_paid', 'currency'),
      s.column('Montant HT', ({ amount }) => (amount / 120).toFixed(2).replace('.', ',')),
      s.column('Commune', s.text('Saint-Étienne')),
    ],
    style: { delimiter: ';', encoding: 'utf-8-bom', titles: ['Relevé des sessions de recharge', ''], total: 'TOTAL' },
    constants: { currency: 'EUR' },
  },
  {
    name: 'itinerance_2023',
    language: 'fr',
    network: {
      offset: 1,
      stations: s.numbered('FRABCE', 11, 4),
      users: s.numbered('FR-MOB-C', 12, 6),
      from: '2023-11-02',
      timeStep: 60,
    },
    columns: [
      s.column('id_point_de_charge', s.station, 'station_id'),
      s.column('contrat', s.user),
      s.column('client', s.user, 'user_id'),
      s.column('debut_session', s.started('yyyy-MM-ddTHH:mm:ss+01:00'), 'start_time'),
      s.column('duree_min', s.minutes, 'end_time'),
      s.column('energie_wh', s.wattHours({ decimals: 0, mark: '.' }), 'energy_kwh'),
      s.column('type_de_courant', s.current),
    ],
    style: { delimiter: ',' },
  },
  {
    name: 'copropriete',
    language: 'fr',
    network: {
      ...paris,
      stations: ['Place 12', 'Place 14', 'Place 15 bis'],
      users: ['Lefèvre', 'Dubois', 'Gonçalves', 'Noël'],
      current: 'AC',
      from: '2024-05-01',
      hasLowDaysOnly: true,
      timeStep: 60,
    },
    columns: [
      s.column('Utilisateur', s.user, 'user_id'),
      s.column('Borne de recharge', s.station, 'station_id'),
      s.column('Début', s.started('dd/MM/yyyy HH:mm'), 'start_time'),
      s.column('Fin', s.ended('dd/MM/yyyy HH:mm'), 'end_time'),
      s.column('Consommation', s.kilowattHours({ decimals: 3, mark: ',', after: ' kWh' }), 'energy_kwh'),
      s.column('Remarques', s.text('RAS')),
    ],
    style: { delimiter: ';', encoding: 'windows-1252', total: 'Total général' },
    options: ['--date-order', 'dmy'],
  },
];

/** Layouts with Dutch headers. */
export const dutch: SessionSpec[] = [
  {
    name: 'laadsessies',
    language: 'nl',
    network: {
      ...amsterdam,
      stations: s.numbered('NL-UTR-', 6, 3),
      users: s.numbered('p', 8),
      from: '2024-01-02',
      timeStep: 60,
      energyStep: 10,
    },
    columns: [
      s.column('Laadpas', s.rfid, 'rfid'),
      s.column('Laadpaal', s.station, 'station_id'),
      s.column('Stekker', s.connector, 'connector_id'),
      s.column('Starttijd', s.started('dd-MM-yyyy HH:mm'), 'start_time'),
      s.column('Eindtijd', s.ended('dd-MM-yyyy HH:mm'), 'end_time'),
      s.column('Volume (kWh)', s.kilowattHours({ decimals: 2, mark: ',' }), 'energy_kwh'),
      s.column('Bedrag incl. btw', s.money({ decimals: 2, mark: ',', before: '€ ' }), 'amount_paid', 'currency'),
      s.column('Dag van de week', s.weekday('zo', 'ma', 'di', 'wo', 'do', 'vr', 'za')),
      s.column('Opmerking', s.text('')),
    ],
    style: { delimiter: ';', blankRows: 3, lineEnd: '\r\n' },
    constants: { currency: 'EUR' },
  },
  {
    name: 'zakelijk-laden',
    language: 'nl',
    network: {
      ...amsterdam,
      stations: s.numbered('ALF', 9, 7),
      users: ['K-123-BV', 'R-908-TT', 'ZX-441-P'],
      from: '2024-02-01',
      timeStep: 60,
    },
    columns: [
      s.column('Kenteken', s.user, 'user_id'),
      s.column('Laadpuntnummer', s.station, 'station_id'),
      [
        s.column('Startdatum', s.started('yyyy-MM-dd'), 'start_time'),
        s.column('Begintijd', s.started('HH:mm'), 'start_time'),
      ],
      [s.column('Einddatum', s.ended('yyyy-MM-dd'), 'end_time'), s.column('Eindtijd', s.ended('HH:mm'), 'end_time')],
      s.column('Aantal kWh', s.kilowattHours({ decimals: 3, mark: '.' }), 'energy_kwh'),
      s.column('Kosten', s.money({ decimals: 2, mark: '.' }), 'amount_paid'),
      s.column('Valuta', s.text('EUR'), 'currency'),
      s.column('Plaats', s.text("'s-Hertogenbosch")),
      s.column('Regelnummer', s.number),
    ],
    style: { delimiter: ',', isQuoted: true },
    constants: { currency: 'EUR' },
  },
  {
    name: 'meterstanden',
    language: 'nl',
    network: {
      zone: 'Europe/Brussels',
      offset: 2,
      stations: ['Laadpunt A', 'Laadpunt B', 'Laadpunt C'],
      users: ['Peeters', 'Janssens', 'Maes'],
      current: 'AC',
      from: '2024-06-01',
    },
    columns: [
      s.column('Laadpunt', s.station, 'station_id'),
      s.column('Verdieping', s.text('2')),
      s.column('Gebruiker', s.user, 'user_id'),
      s.column('Start', s.started('yyyy-MM-dd HH:mm:ss'), 'start_time'),
      s.column('Einde', s.ended('yyyy-MM-dd HH:mm:ss'), 'end_time'),
      s.column('Meterstand begin', s.meterStart(1, { decimals: 0, mark: '.' }), 'meter_start', 'energy_kwh'),
      s.column('Meterstand einde', s.meterStop(1, { decimals: 0, mark: '.' }), 'meter_stop', 'energy_kwh'),
    ],
    style: { delimiter: '|', encoding: 'utf-8' },
  },
];
