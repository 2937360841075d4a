import { formatNumber, formatTime } from './format.ts';
import { column, type Layout } from './layout.ts';
import type { Random } from './random.ts';
import { day, stored, tableLayout } from './tables.ts';

interface Event {
  customer: string;
  visit: string;
  order: string;
  type: string;
  time: number;
  page: string;
  product: string;
  price: number;
  quantity: number;
  device: string;
}

const eventOf =
  (from: string, types: readonly string[], products: readonly string[]) =>
  (random: Random, place: number): Event => ({
    customer: String(50_000 + random.integer(1, 25)),
    visit: random.hex(8),
    order: `B-${7000 + place}`,
    type: random.pick(types),
    time: Date.parse(`${from}T00:00:00Z`) + Math.floor(random.between(place, place + 0.9) * 0.8 * day * 0.001) * 1000,
    page: `https://shop.example/p/${random.integer(1, 40)}`,
    product: random.pick(products),
    price: random.integer(199, 129_900),
    quantity: random.integer(1, 5),
    device: random.pick(['desktop', 'mobile', 'tablet']),
  });

const price = (event: Event, mark: ',' | '.', before = '', after = '', group = ''): string =>
  formatNumber(event.price / 100, { decimals: 2, mark, before, after, group });

/** Layouts of shop events. */
export const eventLayouts = (seed: number): Layout[] => [
  tableLayout<Event>(
    {
      name: 'clickstream',
      language: 'en',
      source: 'customer_events',
      count: 60,
      row: eventOf('2024-05-01', ['view', 'add_to_cart', 'purchase'], ['SKU-1', 'SKU-2', 'SKU-77']),
      zone: 'America/Denver',
      columns: [
        column('Visitor', ({ customer }) => customer, 'customer_id'),
        column('Event Name', ({ type }) => type, 'event_type'),
        column('Event Time', ({ time }) => formatTime(time, 'MM/dd/yyyy HH:mm:ss'), 'event_timestamp'),
        column('Visit ID', ({ visit }) => visit, 'session_id'),
        column('Page URL', ({ page }) => page, 'page_url'),
        column('SKU', ({ product }) => product, 'product_id'),
        column('Unit Price', (each) => price(each, '.', '$', '', ','), 'price'),
        column('Qty', ({ quantity }) => String(quantity), 'quantity'),
        column('Device', ({ device }) => device, 'device_type'),
        column('Day Name', () => 'n/a'),
      ],
      style: { delimiter: ',', isQuoted: true },
      expected: (each) => ({
        customer_id: each.customer,
        event_type: each.type,
        event_timestamp: stored(each.time, 'America/Denver'),
        session_id: each.visit,
        page_url: each.page,
        product_id: each.product,
        price: each.price / 100,
        quantity: each.quantity,
        device_type: each.device,
      }),
    },
    seed,
  ),
  tableLayout<Event>(
    {
      name: 'Bestellpositionen',
      language: 'de',
      source: 'customer_events',
      count: 62,
      row: eventOf('2024-07-04', ['purchase'], ['10011', '10027', '20300']),
      zone: 'Europe/Berlin',
      options: ['--value', 'event_type=purchase'],
      columns: [
        column('Kundennummer', ({ customer }) => customer, 'customer_id'),
        column('Bestellnummer', ({ order }) => order),
        column('Bestelldatum', ({ time }) => formatTime(time, 'dd.MM.yyyy HH:mm:ss'), 'event_timestamp'),
        column('Artikelnummer', ({ product }) => product, 'product_id'),
        column('Bezeichnung', () => 'Kabel für Ladegeräte'),
        column('Menge', ({ quantity }) => String(quantity), 'quantity'),
        column('Einzelpreis (€)', (each) => price(each, ',', '', '', '.'), 'price'),
        column('Land', () => 'Österreich', 'country'),
      ],
      style: { delimiter: ';', encoding: 'windows-1252', titles: ['Bestellungen Juli – August 2024'] },
      expected: (each) => ({
        customer_id: each.customer,
        event_type: 'purchase',
        event_timestamp: stored(each.time, 'Europe/Berlin'),
        product_id: each.product,
        price: each.price / 100,
        quantity: each.quantity,
        country: 'Österreich',
      }),
    },
    seed + 1,
  ),
  tableLayout<Event>(
    {
      name: 'webwinkel',
      language: 'nl',
      source: 'customer_events',
      count: 58,
      row: eventOf('2024-09-01', ['bekeken', 'winkelwagen', 'aankoop'], ['a-1', 'a-2', 'a-9']),
      columns: [
        column('bezoeker', ({ customer }) => customer, 'customer_id'),
        column('gebeurtenis', ({ type }) => type, 'event_type'),
        column('tijdstip', ({ time }) => formatTime(time, 'yyyy-MM-ddTHH:mm:ssZ'), 'event_timestamp'),
        column('pagina', ({ page }) => page, 'page_url'),
        column('productnummer', ({ product }) => product, 'product_id'),
        column('prijs', (each) => price(each, ','), 'price'),
        column('aantal', ({ quantity }) => String(quantity), 'quantity'),
        column('apparaat', ({ device }) => device, 'device_type'),
      ],
      style: { delimiter: '\t', encoding: 'utf-16' },
      expected: (each) => ({
        customer_id: each.customer,
        event_type: each.type,
        event_timestamp: stored(each.time),
        page_url: each.page,
        product_id: each.product,
        price: each.price / 100,
        quantity: each.quantity,
        device_type: each.device,
      }),
    },
    seed + 2,
  ),
];
