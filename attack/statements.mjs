// Random SQL: mostly valid selects over the sources, some with parts that must be rejected.

const tables = [
  'charging_sessions',
  'sites',
  'charge_points',
  'customer_events',
  'tariffs',
  'charging_sessions_quarantine',
  'tokens',
  'requests',
  'duckdb_tables()',
  'range(1000)',
  'c',
  '"toKens"',
];
const columns = [
  'session_id',
  'station_id',
  'energy_kwh',
  'start_time',
  'location',
  'user_id',
  'amount_paid',
  'range',
  'name',
  'hash',
  '*',
  'x',
  'transaction_data',
  '"Station_ID"',
];
const functions = [
  'sum',
  'count',
  'avg',
  'max',
  'median',
  'mode',
  'list',
  'string_agg',
  'upper',
  'length',
  'concat',
  'repeat',
  'lpad',
  'range',
  'json_extract',
  'regexp_replace',
  'replace',
  'date_trunc',
  'list_transform',
  'nullif',
  'coalesce',
  'read_csv',
  'getvariable',
  'current_setting',
  'list_resize',
  'json_structure',
  'to_json',
  'strftime',
  'format',
  'hash',
  'array_agg',
  'histogram',
  'quantile_cont',
  'levenshtein',
  'bitstring',
  'sleep_ms',
  'generate_series',
];
const values = [
  '1',
  '0',
  '-1',
  '1e300',
  "'x'",
  "''",
  'null',
  'true',
  "'2025-01-01'",
  '9223372036854775807',
  '400000000',
  "'%a%b%'",
  '[1, 2]',
  "{'a': 1}",
  'interval 1 day',
  "'$.a'",
  '$1',
  '\u0000',
  "'ſK'",
];
const types = [
  'int',
  'varchar',
  'json',
  'double',
  'int[]',
  'int[1000]',
  'bit',
  'date',
  'decimal(4,2)',
  'struct(a int)',
  'nothing',
];

/** Typical selects. */
const usual = [
  'select count(*) from charging_sessions',
  'select location, sum(energy_kwh) as kwh from charging_sessions group by all order by 2 desc limit 10',
  'show tables',
  'select * from sites',
  'select * from charging_sessions order by start_time desc limit 50',
  "select date_trunc('month', start_time) as month, count(distinct user_id) from charging_sessions group by 1 order by 1",
  'select station_id, rank() over (order by sum(amount_paid) desc) from charging_sessions group by 1',
  "select string_agg(distinct currency, ',') from charging_sessions",
  'with a as (select user_id, count(*) as n from charging_sessions group by 1) select avg(n), median(n) from a',
  'select * from charging_sessions_quarantine',
];

export function statements({ pick, chance, below, times }, hostile) {
  const expression = (depth) => {
    if (depth <= 0 || chance(0.35)) return pick(chance(0.6) ? columns : values);
    const inner = () => expression(depth - 1);
    switch (below(9)) {
      case 0:
        return `${pick(functions)}(${times(3, inner).join(', ')})`;
      case 1:
        return `${inner()} ${pick(['+', '-', '*', '/', '||', '=', '<', '>', 'and', 'or', 'like', 'ilike', 'in', 'is distinct from', '->', '->>', '~', '//', '%'])} ${inner()}`;
      case 2:
        return `(${inner()})::${pick(types)}`;
      case 3:
        return `case when ${inner()} then ${inner()} else ${inner()} end`;
      case 4:
        return `case ${inner()} when ${inner()} then ${inner()} end`;
      case 5:
        return `(${select(depth - 2)})`;
      case 6:
        return `${pick(functions)}(${inner()}) over (${chance(0.5) ? 'partition by' : 'order by'} ${inner()})`;
      case 7:
        return `[${inner()} for x in ${inner()}]`;
      default:
        return `list_transform(${inner()}, lambda x: ${inner()})`;
    }
  };
  const from = (depth) => {
    const one = () =>
      depth > 0 && chance(0.25) ? `(${select(depth - 1)}) t${below(9)}` : `${pick(tables)} t${below(9)}`;
    return [
      one(),
      ...times(
        2,
        () =>
          `${pick([',', ' join', ' left join', ' cross join', ' asof join', ' positional join'])} ${one()}${chance(0.3) ? ` on ${expression(1)}` : ''}`,
      ),
    ].join('');
  };
  const select = (depth) => {
    const parts = [
      `select ${[expression(depth), ...times(3, () => `${expression(depth)}${chance(0.3) ? ` as a${below(4)}` : ''}`)].join(', ')}`,
    ];
    if (chance(0.85)) parts.push(`from ${from(depth)}`);
    if (chance(0.4)) parts.push(`where ${expression(depth)}`);
    if (chance(0.3))
      parts.push(`group by ${pick(['all', '1', expression(1), `cube(${expression(0)}, ${expression(0)})`])}`);
    if (chance(0.2)) parts.push(`order by ${expression(1)}`);
    if (chance(0.3)) parts.push(`limit ${pick(['1', '10', '-1', '(select 1)'])}`);
    if (chance(0.1)) parts.push(`${pick(['union all', 'intersect', 'except'])} ${select(depth - 1)}`);
    return `${chance(0.1) ? `with c as (${select(depth - 2)}) ` : ''}${parts.join(' ')}`;
  };
  const broken = (text) => {
    const at = below(text.length);
    return (
      text.slice(0, at) +
      pick(['', '(', ')', "'", '"', ';', '--', '/*', '$$', '\u0000', '\ud800', ' format CSV', 'K']) +
      text.slice(at + below(3))
    );
  };
  return () => {
    if (chance(0.03)) return pick(hostile);
    if (chance(0.4)) return pick(usual);
    const text = select(2 + below(3));
    return chance(0.2)
      ? broken(text)
      : chance(0.2)
        ? `${text} format ${pick(['CSV', 'JSONEachRow', 'Parquet', 'Pretty', 'CSVWithNames'])}`
        : text;
  };
}
