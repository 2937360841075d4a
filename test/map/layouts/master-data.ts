import { formatNumber, formatTime } from './format.ts';
import { column, type Layout } from './layout.ts';
import type { Random } from './random.ts';
import { day, stored, tableLayout } from './tables.ts';

interface Charger {
  id: string;
  name: string;
  site: string;
  vendor: string;
  model: string;
  serial: string;
  firmware: string;
  watts: number;
  current: string;
  opened: number;
}

const chargerOf =
  (prefix: string, title: string) =>
  (random: Random, place: number): Charger => {
    const watts = random.pick([11_000, 22_000, 50_000, 150_000]);
    return {
      id: `${prefix}${String(place + 1).padStart(4, '0')}`,
      name: `${title} ${place + 1}`,
      site: `S${random.integer(1, 6)}`,
      vendor: random.pick(['Alfen', 'ABB', 'Schneider']),
      model: random.pick(['Eve Double', 'Terra 54', 'EVlink']),
      serial: random.hex(10).toUpperCase(),
      firmware: `${random.integer(3, 6)}.${random.integer(0, 9)}.${random.integer(0, 20)}`,
      watts,
      current: watts > 22_000 ? 'DC' : 'AC',
      opened: Date.parse('2021-01-01T00:00:00Z') + random.integer(0, 900) * day,
    };
  };

interface Card {
  uid: string;
  holder: string;
  user: string;
  isValid: boolean;
  expires: number;
}

interface Customer {
  id: string;
  first: string;
  last: string;
  birth: number;
  signup: number;
  login: number;
  city: string;
}

interface Tariff {
  id: string;
  name: string;
  perKwh: number;
  perMinute: number;
  start: number;
  from: number;
}

const euros = (value: number, decimals = 2): string => formatNumber(value, { decimals, mark: ',' });

/** Layouts of charge points, cards, customers and tariffs. */
export const masterDataLayouts = (seed: number): Layout[] => [
  tableLayout<Charger>(
    {
      name: 'parc-de-bornes',
      language: 'fr',
      source: 'charge_points',
      count: 45,
      row: chargerOf('FR-LYO-', 'Borne'),
      zone: 'Europe/Paris',
      columns: [
        column('Identifiant borne', ({ id }) => id, 'station_id'),
        column('Nom de la borne', ({ name }) => name, 'charge_point_name'),
        column('Fabricant', ({ vendor }) => vendor, 'vendor'),
        column('Modèle', ({ model }) => model, 'model'),
        column('Numéro de série', ({ serial }) => serial, 'serial_number'),
        column('Version firmware', ({ firmware }) => firmware, 'firmware_version'),
        column('Puissance nominale (kW)', ({ watts }) => euros(watts / 1000, 1), 'power_kw'),
        column('Date de mise en service', ({ opened }) => formatTime(opened, 'dd/MM/yyyy'), 'opened_at'),
        column('Nombre de prises', () => '2'),
      ],
      style: { delimiter: ';', encoding: 'windows-1252' },
      expected: (each) => ({
        station_id: each.id,
        charge_point_name: each.name,
        vendor: each.vendor,
        model: each.model,
        serial_number: each.serial,
        firmware_version: each.firmware,
        power_kw: each.watts / 1000,
        opened_at: stored(each.opened, 'Europe/Paris'),
      }),
    },
    seed,
  ),
  tableLayout<Charger>(
    {
      name: 'Ladepunkt-Stammdaten',
      language: 'de',
      source: 'charge_points',
      count: 50,
      row: chargerOf('LP', 'Ladepunkt'),
      zone: 'Europe/Berlin',
      columns: [
        column('Ladepunkt-ID', ({ id }) => id, 'station_id'),
        column('Bezeichnung', ({ name }) => name, 'charge_point_name'),
        column('Standort-ID', ({ site }) => site, 'site_id'),
        column('Hersteller', ({ vendor }) => vendor, 'vendor'),
        column('Modell', ({ model }) => model, 'model'),
        column('Leistung (W)', ({ watts }) => formatNumber(watts, { decimals: 0, mark: ',', group: '.' }), 'power_kw'),
        column('Stromart', ({ current }) => current, 'current_type'),
        column('Inbetriebnahme', ({ opened }) => formatTime(opened, 'dd.MM.yyyy'), 'opened_at'),
        column('Bemerkung', () => ''),
      ],
      style: { delimiter: '\t', encoding: 'utf-8-bom', titles: ['Stammdaten Ladepunkte'] },
      expected: (each) => ({
        station_id: each.id,
        charge_point_name: each.name,
        site_id: each.site,
        vendor: each.vendor,
        model: each.model,
        power_kw: each.watts / 1000,
        current_type: each.current,
        opened_at: stored(each.opened, 'Europe/Berlin'),
      }),
    },
    seed + 1,
  ),
  tableLayout<Card>(
    {
      name: 'tarjetas',
      language: 'es',
      source: 'id_tags',
      count: 55,
      row: (random, place) => ({
        uid: `04${random.hex(12).toUpperCase()}`,
        holder: random.pick(['Ana Muñoz', 'Luis Peña', 'Íñigo Sáez', 'Marta Gil']),
        user: `u${100 + place}`,
        isValid: random.next() < 0.8,
        expires: Date.parse('2025-01-31T00:00:00Z') + random.integer(0, 500) * day,
      }),
      zone: 'Europe/Madrid',
      columns: [
        column('Número de tarjeta', ({ uid }) => uid, 'id_tag'),
        column('Titular', ({ holder }) => holder, 'name'),
        column('ID usuario', ({ user }) => user, 'user_id'),
        column('Válida', ({ isValid }) => (isValid ? 'sí' : 'no'), 'valid'),
        column('Fecha de caducidad', ({ expires }) => formatTime(expires, 'dd/MM/yyyy'), 'expires_at'),
        column('Emisor', () => 'Red Ñandú', 'issuer'),
      ],
      style: { delimiter: ';', encoding: 'windows-1252', blankRows: 1 },
      expected: (each) => ({
        id_tag: each.uid,
        name: each.holder,
        user_id: each.user,
        valid: String(each.isValid),
        expires_at: stored(each.expires, 'Europe/Madrid'),
        issuer: 'Red Ñandú',
      }),
    },
    seed + 2,
  ),
  tableLayout<Customer>(
    {
      name: 'kundregister',
      language: 'sv',
      source: 'customer_profiles',
      count: 60,
      row: (random, place) => ({
        id: `K${4000 + place}`,
        first: random.pick(['Åsa', 'Göran', 'Linnéa', 'Örjan']),
        last: random.pick(['Sjöberg', 'Lindström', 'Ek']),
        birth: Date.parse('1950-01-01T00:00:00Z') + random.integer(0, 18_000) * day,
        signup: Date.parse('2022-01-01T00:00:00Z') + random.integer(0, 600) * day,
        login: Date.parse('2024-05-01T08:00:00Z') + random.integer(0, 90 * 1440) * 60_000,
        city: random.pick(['Malmö', 'Luleå', 'Visby']),
      }),
      zone: 'Europe/Stockholm',
      columns: [
        column('Kundnummer', ({ id }) => id, 'customer_id'),
        column('Förnamn', ({ first }) => first, 'first_name'),
        column('Efternamn', ({ last }) => last, 'last_name'),
        column('E-postadress', ({ id }) => `${id.toLowerCase()}@exempel.se`, 'email'),
        column('Födelsedatum', ({ birth }) => formatTime(birth, 'yyyy-MM-dd'), 'birth_date'),
        column('Kund sedan', ({ signup }) => formatTime(signup, 'yyyy-MM-dd'), 'signup_date'),
        column('Senast inloggad', ({ login }) => formatTime(login, 'yyyy-MM-dd HH:mm'), 'last_login'),
        column('Ort', ({ city }) => city, 'city'),
        column('Telefon', () => '+46 70 000 00 00'),
      ],
      style: { delimiter: ',', isQuoted: true },
      expected: (each) => ({
        customer_id: each.id,
        first_name: each.first,
        last_name: each.last,
        email: `${each.id.toLowerCase()}@exempel.se`,
        birth_date: formatTime(each.birth, 'yyyy-MM-dd'),
        signup_date: formatTime(each.signup, 'yyyy-MM-dd'),
        last_login: stored(each.login, 'Europe/Stockholm'),
        city: each.city,
      }),
    },
    seed + 3,
  ),
  tableLayout<Tariff>(
    {
      name: 'listino_prezzi',
      language: 'it',
      source: 'tariffs',
      count: 24,
      row: (random, place) => ({
        id: `T${place + 1}`,
        name: `${random.pick(['Città', 'Notte', 'Più'])} ${place + 1}`,
        perKwh: random.integer(30, 95) / 100,
        perMinute: random.integer(0, 20) / 100,
        start: random.integer(0, 4) / 2,
        from: Date.parse('2024-01-01T00:00:00Z') + random.integer(0, 300) * day,
      }),
      zone: 'Europe/Rome',
      columns: [
        column('Codice tariffa', ({ id }) => id, 'tariff_id'),
        column('Nome tariffa', ({ name }) => name, 'tariff_name'),
        column('Prezzo al kWh', ({ perKwh }) => euros(perKwh), 'price_per_kwh'),
        column('Prezzo al minuto', ({ perMinute }) => euros(perMinute), 'price_per_minute'),
        column('Costo di attivazione', ({ start }) => euros(start), 'price_flat'),
        column('Valuta', () => 'EUR', 'currency'),
        column('Valido dal', ({ from }) => formatTime(from, 'dd/MM/yyyy'), 'valid_from'),
      ],
      style: { delimiter: ';', encoding: 'utf-8-bom' },
      expected: (each) => ({
        tariff_id: each.id,
        tariff_name: each.name,
        price_per_kwh: each.perKwh,
        price_per_minute: each.perMinute,
        price_flat: each.start,
        currency: 'EUR',
        valid_from: stored(each.from, 'Europe/Rome'),
      }),
    },
    seed + 4,
  ),
];
