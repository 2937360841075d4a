/** Statements that would exhaust memory, time or the planner, or read what they must not, if they ran as they are. */

const nested = (begin: string, middle: string, end: string, times: number): string => begin.repeat(times) + middle + end.repeat(times);
const many = (times: number, item: (at: number) => string, separator = ''): string => Array.from({ length: times }, (_, at) => item(at)).join(separator);

/** Every character beside the ASCII letters that JavaScript's upper or lower case makes an ASCII letter of, with that letter. */
export const lookalikes: readonly (readonly [letter: string, ascii: string])[] = Array.from({ length: 0x11_0000 - 0x80 }, (_, at) => at + 0x80)
  .filter((code) => code < 0xd8_00 || code > 0xdf_ff)
  .flatMap((code) => {
    const letter = String.fromCodePoint(code);
    const ascii = /^[a-z]/.exec(letter.toLowerCase())?.[0] ?? /^[A-Z]/.exec(letter.toUpperCase())?.[0]?.toLowerCase();
    return ascii === undefined ? [] : [[letter, ascii] as const];
  });

/** Ways to name the table `tokens` with another letter in it. */
const disguised = lookalikes.filter(([, ascii]) => 'tokens'.includes(ascii)).map(([letter, ascii]) => 'tokens'.replace(ascii, letter));

const folding: string[] = disguised.flatMap((name) => [
  `with "${name}" as (select 1 as hash) select hash from tokens`,
  `with recursive "${name}" as (select 1 as hash union all select hash from tokens) from "${name}"`,
  `from "${name}"`,
]);

const large: string[] = [
  ...['repeat', 'lpad', 'rpad'].flatMap((name) => [
    `select length(${name}('x', 1000000000${name === 'repeat' ? '' : ", 'y'"}))`,
    `select ${name}(station_id, length(station_id) * 100000000${name === 'repeat' ? '' : ", 'y'"}) from charging_sessions`,
    `select ${nested(`${name}(`, "'xxxxxxxxxx'", `, 1000${name === 'repeat' ? '' : ", 'y'"})`, 5)}`,
    `select ${name}('x', (select 1000000000)${name === 'repeat' ? '' : ", 'y'"})`,
    `select main.${name}('x', 1000000000${name === 'repeat' ? '' : ", 'y'"})`,
    `select ('x').${name}(1000000000${name === 'repeat' ? '' : ", 'y'"})`,
  ]),
  ...['range', 'generate_series'].flatMap((name) => [
    `select len(${name}(400000000))`,
    `select len(${name}(1, 400000000))`,
    `select len(${name}(0, 400000000, 1))`,
    `select ${name}(length(station_id) * 100000000) from charging_sessions`,
    `select len(${name}(timestamp '1900-01-01', timestamp '2900-01-01', interval 1 second))`,
    `select unnest(${name}(400000000))`,
    `select [x for x in ${name}(400000000)]`,
    `select list_sum(${name}(10000, -400000000, -1))`,
    `select len(${name}((select 400000000)))`,
  ]),
  'select list_resize([1], 400000000)', 'select array_resize([1], 400000000)', 'select list_resize([[1]], 100000000, [2])',
  "select bitstring('1', 1000000000)", "select '1'::bit", "select '1'::bignum", "select '9'::varint",
  'select null::int[100000]', "select [1]::int[99999]", `select null::int${'[100000]'.repeat(3)}`, 'select array_value(1)::int[1]', 'select cast(null as int[2])',
  "select 1::enum('a')", 'select 1::union(a int)', 'select 1::variant', "select 'POINT (1 1)'::geometry", 'select x::main.mytype from (select 1 x)',
  `select null::int${'[]'.repeat(5000)}`, `select null::${nested('struct(a ', 'int', ')', 900)}`, `select null::${nested('map(int, ', 'int', ')', 900)}`, `select null::${nested('map(int, ', 'int', ')', 90)}`, `select null::int${'[]'.repeat(90)}`,
  "select format('{:1000000000}', 1)", "select printf('%1000000000d', 1)", "select printf('%*d', 1000000000, 1)", "select format('{:{}}', 1, 1000000000)", 'select format(station_id, 1) from charging_sessions',
  "select format('{0:9999999}', 1)", "select printf('%.999999999f', 1.0)", "select strftime(now()::timestamp, (select 'x'))",
  'select to_base(1, 2, 100000000)', "select list_aggregate(['a', 'b'], 'string_agg')", "select list_reduce(['a', 'b', 'c'], lambda x, y: x || x || y)", "select array_reduce(['a'], lambda x, y: x || y)",
  "select list_select(['a'], range(1000000))", 'select list_where([1], [true])', 'select combine(1, 2)', "select list_concat(range(10000), range(10000), range(10000), range(10000))",
  `select ${nested("replace('xx' || ", "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'", ", 'x', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')", 6)}`,
  `select ${nested("regexp_replace(", "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'", ", 'x', '\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0', 'g')", 6)}`,
  `select ${nested('to_json(', "'\"'", ')::varchar', 30)}`, `select ${nested('json_quote(', "'\"'", ')', 30)}`, `select ${nested('[', "'\"'", ']::varchar', 30)}`,
  `select ${nested('hex(', "'x'", ')', 30)}`, `select ${nested('bin(', "'x'", ')', 12)}`, `select ${nested('url_encode(', "'%'", ')', 30)}`, `select ${nested('to_base64(encode(', "'x'", '))', 50)}`,
  `select ${nested('(select a || a as a from ', '(select 1 as a)', ')', 9)}`, `select a.a from ${nested('(select a||a||a||a||a||a||a||a as a from ', "(select 'xxxxxxxx' as a)", ') a', 8)}`,
  `select ${many(300, () => "station_id || station_id || 'xxxxxxxxxxxxxxxxxxxx'", ', ')} from charging_sessions`,
  `select 'x' as a0${many(40, (at) => `, a${at} || a${at} as a${at + 1}`)}`,
  `select ['x'] as a0${many(40, (at) => `, [a${at}, a${at}] as a${at + 1}`)}`,
  `select {'a': 'x'} as a0${many(40, (at) => `, {'a': a${at}, 'b': a${at}} as a${at + 1}`)}`,
  `select 1 as a0${many(40, (at) => `, a${at} + a${at} as a${at + 1}`)}`,
  `select 1 as a0${many(40, (at) => `, a${at} + a${at} as a${at + 1}`)} where a40 > 1`,
  `select 1 as a0${many(40, (at) => `, a${at} + a${at} as a${at + 1}`)} order by a40`,
  `select sum(1) as a0${many(40, (at) => `, a${at} + a${at} as a${at + 1}`)} from charging_sessions having a40 > 1`,
  `select json_object(${many(500, (at) => `'k${at}', station_id || location`, ', ')}) from charging_sessions`,
  'select list_transform(range(10000), lambda x: range(10000))', "select list_transform(range(1000), lambda x: repeat('x', 1000))", 'select [[y for y in range(1000)] for x in range(1000)]',
  "select list_transform(string_split(station_id, ''), lambda x: station_id || station_id || location) || range(9999)::varchar[] || range(9999)::varchar[] from charging_sessions",
];

const recursive: string[] = [
  "with recursive r(s) as (select 'x' union all select s || s from r) select max(length(s)) from r",
  "with recursive r(s, n) as (select 'x', 1 union all select s || s, n + 1 from r where n < 40) select max(length(s)) from r",
  "with recursive r(s, n) as (select 'x', 1 union all select concat(s, s), n + 1 from r where n < 40) select n from r",
  'with recursive r(l) as (select [1] union all select l || l from r) select max(len(l)) from r',
  'with recursive r(l) as (select [1] union all select list_concat(l, l) from r) from r',
  "with recursive r(l) as (select {'a': 1} union all select {'a': l, 'b': l} from r) from r",
  "with recursive r(s) as (select '{}' union all select json_object('a', s, 'b', s)::varchar from r) from r",
  "with recursive r(s) as (select 'x' union all select replace(s, 'x', 'xx') from r) from r",
  "with recursive r(s) as (select 'x' union all select (select s || t.s from r t limit 1) from r) from r",
  "with recursive r(s) as (select 'x' union all select max(s) || max(s) from r) from r",
  "with recursive r(s) as (select 'x' union all select string_agg(s, s) from r) from r",
  "with recursive r(s) as (select 'x' union all select b.s from (select s || s as s from r) b) from r",
  "with recursive r(s) as (select 'x' union select upper(s) || s from r) from r",
];

/** Statements that DuckDB can interrupt: they are answered, run out of memory or out of time, within the limits. */
export const heavy: string[] = [
  'select count(*) from range(100000000) a, range(100000000) b',
  'select count(*) from generate_series(1, 1000000000000)',
  'with recursive r as (select 1 as n union all select n + 1 from r) select max(n) from r',
  'with recursive r as (select 1 as n union all select n from r, range(100)) select count(*) from r',
  'select count(distinct a.range * 1000003 + b.range) from range(100000) a, range(100000) b',
  'select median(a.range * b.range) from range(1000000) a, range(1000) b',
  'select quantile_cont(a.range * b.range, [0.1, 0.5, 0.9]) from range(1000000) a, range(1000) b',
  'select mode(a.range * 7 + b.range * 1000003) from range(1000000) a, range(1000) b',
  'select entropy(a.range * 7 + b.range * 1000003) from range(1000000) a, range(1000) b',
  'select mad(a.range + b.range) from range(1000000) a, range(1000) b',
  'select len(list(a.range)) from range(100000000) a, range(10) b',
  "select length(string_agg(a.range::varchar, ',')) from range(100000000) a",
  'select list(a.range) from range(100000000) a',
  'select histogram(a.range) from range(100000000) a',
  "select json_group_array(a.range) from range(100000000) a",
  'select * from range(100000000) a order by range * 7919 % 1000003 desc',
  'select a.range, sum(a.range) over (order by a.range * 7919 % 1000003) from range(100000000) a',
  'select max(x) from (select median(range) over (partition by range % 3) as x from range(100000000))',
  'select a.range from range(10000000) a join range(10000000) b on a.range < b.range where a.range + b.range = 1',
  'select count(*) from range(3000) a, lateral (select count(*) from range(100000) b where b.range > a.range) t',
  'select count(*) from range(1000) a where (select count(*) from range(1000000) b where b.range % (a.range + 1) = 1) > 5',
  'select distinct a.range, b.range from range(100000) a, range(100000) b',
  'select a.range, b.range from range(100000) a, range(100000) b',
  'select max(range, 100) from range(100000000)',
  `select ${many(400, (at) => `range + ${at} as c${at}`, ', ')} from range(10000000)`,
  `select ${nested('(', '1', ')', 2000)}`, `select ${nested('-(', '1', ')', 500)}`, `select 1 where ${nested('(1 = 1 or ', '1 = 1', ')', 300)}`, `select 1 ${'union all select 1 '.repeat(49)}`, `select 1 ${'intersect select 1 '.repeat(49)}`, `values ${many(1500, (at) => `(${at})`, ',')}`,
  "select count(*) from range(10000000) where range::varchar like '%9%8%7%'",
  "select count(*) from range(10000000) where regexp_matches(range::varchar, '(9|8|7){3,5}$')",
  'select approx_quantile(range, 0.5) from range(1000000000)',
  'select a.range % 1000, list(a.range order by a.range) from range(10000000) a group by all',
  'select * from range(100000000) using sample reservoir(100000000 rows)',
  "select a.range || '-' || b.range from range(100000) a, range(100000) b order by 1 limit 5",
];

const matching: string[] = [
  ...['like', 'ilike', 'not like', 'not ilike', 'glob', 'like_escape'].flatMap((name) => {
    const wild = name === 'glob' ? '*' : '%';
    const pattern = `${wild}a_`.repeat(12).replaceAll('_', name === 'glob' ? '?' : '_');
    const match = (text: string, by: string): string => (name === 'like_escape' ? `${text} like ${by} escape '!'` : `${text} ${name} ${by}`);
    return [
      `select ${match(`'${'a'.repeat(100)}'`, `'${pattern}b'`)}`,
      `select count(*) from charging_sessions where ${match(`station_id || '${'a'.repeat(200)}'`, `'${pattern}b'`)}`,
      `select ${match('a', 'b')} from (select '${'a'.repeat(100)}' as a, '${pattern}b' as b)`,
      `select ${match('station_id', 'location')} from charging_sessions`,
    ];
  }),
  `select regexp_matches(station_id, '${'(a|b)'.repeat(200)}') from charging_sessions`, "select regexp_matches(station_id, location) from charging_sessions",
  `select regexp_matches('${'a'.repeat(5000)}', '((a{0,30}){0,30}){0,30}')`, `select '${'a'.repeat(9000)}' similar to '((a{1,999}){1,9}){1,9}b'`,
  "select regexp_replace(station_id, location, 'x', 'g') from charging_sessions", "select regexp_extract_all(station_id, location) from charging_sessions",
  'select levenshtein(station_id, location) from charging_sessions', 'select damerau_levenshtein(station_id, location) from charging_sessions', "select jaro_winkler_similarity('a', 'b')",
  "select jaccard('a', 'b')", "select hamming('a', 'b')", "select editdist3('a', 'b')", "select mismatches('a', 'b')", "select jaro_similarity('a', 'b')",
  `select contains('${'a'.repeat(8000)}', '${'a'.repeat(7500)}b')`, `select list_has_any(range(9999), range(9999))`, `select [x for x in range(9999) if list_contains(range(9999), x)]`,
];

const deepJson = (times: number): string => nested('[', '1', ']', times);
const json: string[] = [
  `select json_structure('${deepJson(7000)}')`, `select json_contains('${deepJson(7000)}', '1')`, `select json_merge_patch('${deepJson(3500)}', '${deepJson(3500)}')`, `select json_transform('${deepJson(7000)}', '["INT"]')`,
  `select from_json('${deepJson(7000)}', '["INT"]')`, `select json_pretty('${deepJson(7000)}')`, "select json_group_structure('{}')", "select json_deserialize_sql('{}')", "select json_serialize_sql('select 1')",
  "select json_extract(transaction_data, location) from charging_sessions", "select transaction_data -> location from charging_sessions", "select json_extract('{}', '$**')", "select json_extract('{}', '$..a')", "select '{}'::json -> '$.*.*'",
  "select json_extract('{}', ['$**', '$.a'])", "select json_extract_string('{}', '$.*[*]')", "select json_transform_strict('{}', '{}')", "select json_extract('[]', (select '$**'))",
];

const planning: string[] = [
  `select ${nested('case ', '1', ` ${many(10, (at) => `when ${at} then ${at}`, ' ')} end`, 12)}`, `select ${nested('case /* when */ ', '1', ' when 1 then 1 when 2 then 2 when 3 then 3 end', 60)}`,
  `select ${nested('case (', '1', `) ${many(8, (at) => `when ${at} then ${at}`, ' ')} end`, 10)}`, `select ${nested('case "when"::int + ', '1', ' when 1 then 1 when 2 then 2 end', 60)} from (select 1 as "when")`,
  `select ${nested('CASE\n', '1', ` ${many(10, (at) => `when ${at} then ${at}`, ' ')} END`, 12)}`, `select ${nested("case $$when$$ || ", "'a'", " when 'a' then 'b' when 'b' then 'c' end", 60)}`,
  `select ${nested('nullif(', '1', ', 1)', 40)}`, `select ${nested('split_part(', "'a'", ", ',', 1)", 40)}`, `select ${nested('list_append(', '[1]', ', 1)', 40)}`, `select ${nested('span_words(length(', "'a'", '))', 20)}`,
  `select ${nested('round_even(', '1', ', 1)', 40)}`, `select ${nested('fmod(', '1', ', 2)', 40)}`, `select ${nested('connector_state(', "'a'", ')', 20)}`, `select ${nested('session_end_s(now(), to_timestamp(', '1', '))', 20)}`,
  ...[['cube', 12], ['cube', 16], ['cube', 20], ['rollup', 100]].map(([name, columns]) => `select 1 from (select ${many(Number(columns), (at) => `1 as c${at}`, ', ')}) group by ${name}(${many(Number(columns), (at) => `c${at}`, ', ')})`),
  `select 1 from (select 1 as a, 2 as b, 3 as c) group by ${many(8, () => 'cube(a, b, c)', ', ')}`, `select 1 from (select 1 as a, 2 as b) group by ${many(6, () => 'grouping sets ((a), (b), ())', ', ')}`,
  `select ${nested('(select max(energy_kwh) from charging_sessions where energy_kwh > ', '1', ')', 9)}`, `select ${nested('(select min(x) from (select 1 as x) where x = ', '1', ')', 20)}`, `select ${nested('exists (select 1 where ', 'true', ')', 10)}`,
  `select 1 in (${nested('select 1 where 1 in (', 'select 1', ')', 10)})`, `select ${nested('array(select ', '1', ')', 9)}`,
  `select * from ${many(51, (at) => `range(1) t${at}`, ', ')}`, `select * from ${many(60, (at) => `charging_sessions t${at}`, ', ')}`, `select * from ${many(45, (at) => `charging_sessions t${at}`, ' natural join ')}`,
  `with c0 as (from range(1))${many(9, (at) => `, c${at + 1} as not materialized (select a.range from c${at} a, c${at} b)`)} from c9`, `with c0 as (from charging_sessions)${many(9, (at) => `, c${at + 1} as (from c${at} union all from c${at})`)} from c9`,
  `select ${many(40, () => '*', ', ')} from charging_sessions`, `select ${many(200, () => 'charging_sessions.*', ', ')} from charging_sessions`, `select ${many(60, () => "columns('.*')", ', ')} from charging_sessions`,
  `select columns(*) || columns(*) || columns(*)::varchar from (select ${many(500, (at) => `'xxxxxxxxxx' as c${at}`, ', ')})`,
  `from (select ${many(6, (at) => `1 as c${at}`, ', ')}) pivot (count(*) for ${many(6, (at) => `c${at} in (${many(10, String, ', ')})`, ' ')})`, `select ${many(1200, String, ', ')}`,
  `select ${nested('not ', 'true', '', 3000)}`, `select ${nested('abs(', '1', ')', 500)}`, `select ${nested('try(', '1', ')', 300)}`,
  `select ${nested("{'a': ", '1', '}', 300)}`, `select ${nested('map {1: ', '1', '}', 300)}`, `select ${nested('list_transform([1], lambda x: list_filter([1], lambda y: ', 'true', '))', 10)}`, `select x${'.x'.repeat(4000)} from (select 1 as x)`,
  `select 1 ${'intersect select 1 '.repeat(500)}`, `select 1 ${'union all select 1 '.repeat(500)}`, `select 1 where 1 in (${many(2000, String, ',')}) and ${nested('1 in (', '1', ')', 200)}`,
];

const windows: string[] = [
  ...['median', 'mode', 'quantile_cont', 'quantile_disc', 'mad', 'entropy', 'approx_quantile', 'approx_count_distinct', 'list', 'array_agg', 'string_agg', 'histogram', 'group_concat', 'json_group_array'].flatMap((name) => {
    const call = `${name}(${/quantile/.test(name) ? 'energy_kwh, 0.5' : name === 'string_agg' ? "station_id, ','" : 'energy_kwh'})`;
    return [
      `select ${call} over (order by start_time) from charging_sessions`,
      `select ${call} over (order by start_time rows between 1000000 preceding and current row) from charging_sessions`,
      `select ${call} over w from charging_sessions window w as (partition by station_id order by start_time)`,
    ];
  }),
  'select count(distinct station_id) over (order by start_time) from charging_sessions', 'select sum(distinct energy_kwh) over (order by start_time rows between 5 preceding and current row) from charging_sessions',
  'select list(session_id) over () from charging_sessions', "select string_agg(session_id, ',') over (partition by station_id) from charging_sessions",
];

const collecting: string[] = [
  "select \"A\" || \"A\" from (from (select session_id, station_id from charging_sessions) pivot (string_agg(session_id, ',') for station_id in ('A', 'B')))",
  'select b || b from (select 1 as a union by name select string_agg(session_id) as b from charging_sessions)', 'select b || b from (select string_agg(session_id) as b from charging_sessions union all by name select 1 as a)',
  'select y || y from (select string_agg(session_id) from charging_sessions) as t(y)', 'with c(y) as (select string_agg(session_id) from charging_sessions) select y || y from c', 'select t || t from (select list(session_id) as t from charging_sessions)',
  'select t::varchar || t::varchar from (select list(session_id) as l from charging_sessions) as t', 'select x.l || x.l from (select {\'l\': 1} as x, list(session_id) as l from charging_sessions) as x',
  'select upper(x) from (select string_agg(session_id, location) as x from charging_sessions), charging_sessions', 'select l || l from (select list(session_id) as l from charging_sessions)', 'select list(l) from (select list(session_id) as l from charging_sessions)',
  'select list_transform(l, lambda x: l) from (select list(session_id) as l from charging_sessions)', 'select [list(session_id), list(session_id)] from charging_sessions', "select {'a': list(session_id)} from charging_sessions",
  'select list_transform(list(session_id), lambda x: x || x || x || x || x || x || x || x || x || x || x || x || x || x || x || x || x || x || x || x) from charging_sessions', 'select to_json(list(session_id)) from charging_sessions',
  'select list(session_id)::varchar from charging_sessions', "select replace(string_agg(session_id, ','), 's', 'ssssssss') from charging_sessions", 'select string_agg(session_id) || string_agg(session_id) from charging_sessions',
  'select (select list(session_id) from charging_sessions) = (select list(session_id) from charging_sessions) from charging_sessions', 'select max(session_id, 100000000) from charging_sessions', 'select arg_max(session_id, energy_kwh, 1000000) from charging_sessions',
  'select min(session_id, (select 1000000000)) from charging_sessions', 'select approx_top_k(session_id, 1000000) from charging_sessions', 'select reservoir_quantile(energy_kwh, 0.5, 100000000) from charging_sessions', 'select bitstring_agg(1, 0, 1000000000) from charging_sessions',
  "select histogram_exact(energy_kwh, [1]) from charging_sessions", 'select distinct list(session_id) || [] from charging_sessions', "select array_to_string(list(session_id), ',') from charging_sessions", 'select list_sum(list(energy_kwh)) from charging_sessions', 'select list_filter(list(session_id), lambda x: true) from charging_sessions', "select string_agg(session_id) = 'x' from charging_sessions",
  `select 'x' as a${many(13, (at) => `, length(${at === 0 ? 'a' : `b${at - 1}`}::varchar) + length(${at === 0 ? 'a' : `b${at - 1}`}::varchar) as b${at}`)}${many(30, (at) => `, b12 + b12 as c${at}`)}`,
];

const reading: string[] = [
  'sleep_ms(1000)', "getenv('PATH')", "which_secret('x', 'y')", "parse_duckdb_log_message('x', 'y')", 'current_connection_id()', 'current_query()', 'current_transaction_id()', 'txid_current()', 'current_database()', 'current_schemas(true)', "in_search_path('a', 'b')", 'vector_type(1)',
  "stats(energy_kwh)", "create_sort_key('a', 'asc')", "enum_range(null)", "set_bit('1'::bit, 0, 1)", "variant_extract(1, 'a')", 'pg_sleep(1)', "has_table_privilege('tokens', 'select')", "col_description(1, 2)", "st_astext('x')", "inet_server_port()", "setseed(0.5)",
  "can_cast_implicitly(1, 2)", "cast_to_type('1', 2)", "apply([1], lambda x: getvariable('x'))", "alias(1)", "remap_struct(1, 2, 3, 4)", "error('x')", "nextval('s')", "currval('s')", "parse_path('a/b')", "icu_sort_key('a', 'de')", "write_log('x')",
].map((call) => `select ${call} from charging_sessions`);

/** Statements that are rejected before they run. */
export const rejected: string[] = [...large, ...recursive, ...matching, ...json, ...planning, ...windows, ...collecting, ...reading];
export const disguisedNames = folding;
