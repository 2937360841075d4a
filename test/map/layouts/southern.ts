import * as s from './sessions.ts';
import type { SessionSpec } from './sessions.ts';

const madrid = { zone: 'Europe/Madrid', offset: 2 } as const;
const rome = { zone: 'Europe/Rome', offset: 1 } as const;
const lisbon = { zone: 'Europe/Lisbon', offset: 1 } as const;

/** Layouts with Spanish headers. */
export const spanish: SessionSpec[] = [
  {
    name: 'recargas',
    language: 'es',
    network: {
      ...madrid,
      stations: s.numbered('MAD-', 9, 3),
      users: ['García', 'Muñoz', 'Ibáñez', 'Peña'],
      from: '2024-05-05',
      timeStep: 60,
      energyStep: 10,
    },
    columns: [
      s.column('Fecha y hora de inicio', s.started('dd/MM/yyyy HH:mm'), 'start_time'),
      s.column('Fecha y hora de fin', s.ended('dd/MM/yyyy HH:mm'), 'end_time'),
      s.column('Punto de recarga', s.station, 'station_id'),
      s.column('Conector', s.connector, 'connector_id'),
      s.column('Usuario', s.user, 'user_id'),
      s.column('Energía (kWh)', s.kilowattHours({ decimals: 2, mark: ',' }), 'energy_kwh'),
      s.column('Importe (€)', s.money({ decimals: 2, mark: ',' }), 'amount_paid', 'currency'),
      s.column('Día de la semana', s.weekday('domingo', 'lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábado')),
    ],
    style: {
      delimiter: ';',
      encoding: 'windows-1252',
      titles: ['Listado de recargas', 'Generado el 01/07/2024'],
      total: 'Total',
    },
    constants: { currency: 'EUR' },
  },
  {
    name: 'historial_cargador',
    language: 'es',
    network: {
      zone: 'America/Mexico_City',
      offset: -6,
      stations: ['Cargador Norte', 'Cargador Sur'],
      users: s.numbered('t', 6),
      current: 'DC',
      from: '2024-03-01',
      price: 6.2,
    },
    columns: [
      s.column('Cargador', s.station, 'station_id'),
      s.column('Tarjeta', s.rfid, 'rfid'),
      s.column('Inicio', s.started('yyyy-MM-dd HH:mm:ss'), 'start_time'),
      s.column('Duración (s)', s.seconds, 'end_time'),
      s.column('Consumo', s.kilowattHours({ decimals: 3, mark: '.' }), 'energy_kwh'),
      s.column('Costo total', s.money({ decimals: 2, mark: '.', after: ' MXN' }), 'amount_paid', 'currency'),
      s.column('Emisiones evitadas (kg)', s.savedCarbon('.')),
    ],
    style: { delimiter: ',', missingRows: 2 },
    constants: { currency: 'MXN' },
  },
  {
    name: 'sesiones-electrolinera',
    language: 'es',
    network: {
      ...madrid,
      stations: s.numbered('Poste ', 4, 1),
      users: s.numbered('C', 20, 4),
      from: '2024-06-01',
      hasLowDaysOnly: true,
      timeStep: 60,
    },
    columns: [
      [
        s.column('Fecha inicio', s.started('MM/dd/yyyy'), 'start_time'),
        s.column('Hora inicio', s.started('HH:mm'), 'start_time'),
      ],
      [s.column('Fecha fin', s.ended('MM/dd/yyyy'), 'end_time'), s.column('Hora fin', s.ended('HH:mm'), 'end_time')],
      s.column('Estación', s.station, 'station_id'),
      s.column('Toma', s.connector, 'connector_id'),
      s.column('Cliente', s.user, 'user_id'),
      s.column('Energía suministrada Wh', s.wattHours({ decimals: 0, mark: ',', group: '.' }), 'energy_kwh'),
      s.column('Precio total', s.money({ decimals: 2, mark: ',', before: '€' }), 'amount_paid', 'currency'),
    ],
    style: { delimiter: ';', encoding: 'utf-8-bom' },
    options: ['--date-order', 'mdy'],
    constants: { currency: 'EUR' },
  },
];

/** Layouts with Italian headers. */
export const italian: SessionSpec[] = [
  {
    name: 'ricariche',
    language: 'it',
    network: {
      ...rome,
      stations: s.numbered('IT*ENX*E', 7, 5),
      users: ['Rossi', 'D’Angelo', 'Nicolò', 'Bianchi'],
      from: '2024-01-10',
      timeStep: 60,
      energyStep: 10,
    },
    columns: [
      s.column('Colonnina', s.station, 'station_id'),
      s.column('Presa', s.connector, 'connector_id'),
      s.column('Utente', s.user, 'user_id'),
      s.column('Data e ora inizio', s.started('dd/MM/yyyy HH.mm'), 'start_time'),
      s.column('Data e ora fine', s.ended('dd/MM/yyyy HH.mm'), 'end_time'),
      s.column('Energia erogata (kWh)', s.kilowattHours({ decimals: 2, mark: ',' }), 'energy_kwh'),
      s.column('Costo totale', s.money({ decimals: 2, mark: ',', before: '€ ' }), 'amount_paid', 'currency'),
      s.column('Indirizzo', s.text('Via Roma 1, Cuneo')),
    ],
    style: { delimiter: ';', blankRows: 1, total: 'Totale' },
    constants: { currency: 'EUR' },
  },
  {
    name: 'StoricoSessioni',
    language: 'it',
    network: { ...rome, stations: s.numbered('stazione-', 5, 1), users: s.numbered('q', 9), from: '2024-02-01' },
    columns: [
      s.column('idStazione', s.station, 'station_id'),
      s.column('numeroTessera', s.rfid, 'rfid'),
      s.column('inizioRicarica', s.started('yyyy-MM-dd HH:mm:ss'), 'start_time'),
      s.column('fineRicarica', s.ended('yyyy-MM-dd HH:mm:ss'), 'end_time'),
      s.column('letturaIniziale', s.meterStart(0.001, { decimals: 3, mark: '.' }), 'meter_start', 'energy_kwh'),
      s.column('letturaFinale', s.meterStop(0.001, { decimals: 3, mark: '.' }), 'meter_stop', 'energy_kwh'),
      s.column('idSessione', s.id),
    ],
    style: { delimiter: '\t', encoding: 'utf-16' },
  },
];

/** Layouts with Portuguese headers. */
export const portuguese: SessionSpec[] = [
  {
    name: 'carregamentos',
    language: 'pt',
    network: {
      ...lisbon,
      stations: s.numbered('PT-LSB-', 6, 4),
      users: ['Conceição', 'João', 'Sebastião', 'Inês'],
      from: '2024-05-04',
      timeStep: 60,
    },
    columns: [
      s.column('Posto', s.station, 'station_id'),
      s.column('Tomada', s.connector, 'connector_id'),
      s.column('Utilizador', s.user, 'user_id'),
      s.column('Início', s.started('dd-MM-yyyy HH:mm'), 'start_time'),
      s.column('Fim', s.ended('dd-MM-yyyy HH:mm'), 'end_time'),
      s.column('Energia (kWh)', s.kilowattHours({ decimals: 3, mark: ',' }), 'energy_kwh'),
      s.column('Valor com IVA', s.money({ decimals: 2, mark: ',', after: '€' }), 'amount_paid', 'currency'),
      s.column('Observações', s.text('')),
    ],
    style: { delimiter: ';', encoding: 'windows-1252', total: 'Total' },
    constants: { currency: 'EUR' },
  },
  {
    name: 'recargas_brasil',
    language: 'pt',
    network: {
      zone: 'America/Sao_Paulo',
      offset: -3,
      stations: s.numbered('SP', 7, 3),
      users: s.numbered('cli-', 18, 3),
      from: '2024-08-02',
      price: 2.1,
    },
    columns: [
      s.column('carregador', s.station, 'station_id'),
      s.column('conector', s.connector, 'connector_id'),
      s.column('usuario', s.user, 'user_id'),
      s.column('data_hora_inicio', s.started('dd/MM/yyyy HH:mm:ss'), 'start_time'),
      s.column('data_hora_fim', s.ended('dd/MM/yyyy HH:mm:ss'), 'end_time'),
      s.column('tempo_total', s.clock),
      s.column('energia', s.kilowattHours({ decimals: 3, mark: ',', after: ' kWh' }), 'energy_kwh'),
      s.column('valor_total', s.money({ decimals: 2, mark: ',', before: 'R$ ' }), 'amount_paid', 'currency'),
    ],
    style: { delimiter: ';', isQuoted: true },
    constants: { currency: 'BRL' },
  },
];
