import { DuckDBInstance } from '@duckdb/node-api';

/** Writes a generated shop: `rows` events in 2023 and 2024, a tenth as many customers, and segments; deterministic. */
export async function writeShop(rows, at) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const write = (name, select) => connection.run(`copy (${select}) to '${at(name)}' (header)`);
  const customers = Math.ceil(rows / 10);
  await write(
    'shop-events.csv',
    `
    select 'evt_' || i as event_id, 'cust_' || customer as customer_id, ['page_view', 'view', 'view', 'add_to_cart', 'purchase'][1 + (hash(i + 1) % 25 // 6)::bigint] as event_type,
           strftime(timestamp '2023-01-01' + to_seconds((visit * 7 + hash(i + 2) % 3600)::bigint), '%Y-%m-%d %H:%M:%S') as event_timestamp,
           'visit_' || visit as session_id, 'https://shop.example/' || (hash(i + 3) % 5000) as page_url, 'prod_' || (hash(i + 3) % 5000) as product_id,
           'cat_' || (hash(i + 3) % 40) as category_id, (hash(i + 4) % 20000) / 100.0 as price, 1 + hash(i + 5) % 3 as quantity,
           ['desktop', 'mobile', 'tablet'][1 + (hash(visit) % 3)::bigint] as device_type, ['DE', 'FR', 'GB', 'US'][1 + (hash(customer) % 4)::bigint] as country
    from (select i, i // 3 as visit, hash(i // 3 + 7) % ${customers} as customer from range(${rows}) t(i))`,
  );
  await write(
    'shop-profiles.csv',
    `
    select 'cust_' || i as customer_id, 'c' || i || '@shop.example' as email, 'First' || (i % 500) as first_name, 'Last' || (i % 900) as last_name, 18 + hash(i) % 60 as age,
           ['DE', 'FR', 'GB', 'US'][1 + (hash(i) % 4)::bigint] as country, date '2022-01-01' + (hash(i + 1) % 900)::int as signup_date,
           ['High Value', 'Regular', 'New', null][1 + (hash(i + 2) % 4)::bigint] as customer_segment, (hash(i + 3) % 500000) / 100.0 as lifetime_value
    from range(${customers}) t(i)`,
  );
  await write(
    'shop-segments.csv',
    `
    select * from (values ('seg-1', 'High Value', 'total_spent > 400 AND session_count > 2'), ('seg-2', 'Lookers', 'session_count >= 3 AND NOT (purchase_count > 0)'),
                          ('seg-3', 'Young', 'age < 30 AND country = ''US'''), ('seg-4', 'Gone', 'days_since_last_event > 300 OR order_count = 1')) t(segment_id, segment_name, segment_rules)`,
  );
  return ['events', 'profiles', 'segments'].map((name) => at(`shop-${name}.csv`));
}
