-- Macros for what differs between SQL engines; clickhouse.sql has the same names. Everything else is in portable.sql.

-- Whether a text contains another, case-sensitive.
create macro contains_text(hay, needle) as contains(hay, needle);

-- Whether a text contains another, case-insensitive; % and _ are plain characters.
create macro contains_ci(hay, needle) as contains(lower(hay), lower(needle));

-- Exact quantile, interpolated between the two nearest values.
create macro quant(x, q) as quantile_cont(x, q);

-- Whole seconds since 1970-01-01 00:00 UTC.
create macro epoch_s(ts) as (epoch_us(ts) // 1000000);

-- Microseconds since 1970-01-01 00:00 UTC; the instant s seconds after another.
create macro epoch_micros(ts) as epoch_us(ts);
create macro seconds_after(ts, s) as (ts + to_microseconds(cast(round(s * 1000000) as bigint)));

-- Heartbeats of a row of heartbeat_days, one row each.
create macro unnest_heartbeats(first_at, heartbeat_count, step, deviations, unit_ms) as (
  make_timestamp(epoch_us(first_at) + (cast(unnest(range(heartbeat_count)) as bigint) * step + unnest(deviations)) * unit_ms * 1000)
);

-- How many heartbeats of a row of heartbeat_days lie up to an instant, and the numbers (from 0) of those before a gap that is longer than max_gap_ms.
create macro heartbeats_until(first_at, step, deviations, unit_ms, instant) as len(list_filter(deviations,
  lambda deviation, i: epoch_us(first_at) + ((i - 1) * step + deviation) * unit_ms * 1000 <= epoch_us(instant)));
create macro long_gap_places(step, deviations, unit_ms, max_gap_ms) as list_filter(range(len(deviations) - 1),
  lambda i: (step + deviations[i + 2] - deviations[i + 1]) * unit_ms > max_gap_ms);

-- The value of a list at a place, from 0.
create macro value_at(list, place) as list[cast(place as bigint) + 1];

-- Integer division, rounded down for positive numbers.
create macro idiv(a, b) as (a // b);

-- The smaller of two values, or the one that is not null.
create macro least_non_null(a, b) as least(a, b);

-- Local hour (0-23) and local date in a zone of seconds since 1970 UTC.
create macro local_hour_of_epoch(s, tz) as hour(timezone(tz, to_timestamp(s)));
create macro local_date_of_epoch(s, tz) as cast(timezone(tz, to_timestamp(s)) as date);

-- Second at which a local date begins; the first of two midnights where the clock goes back at midnight, as in Havana.
create macro epoch_of_local_date(d, tz) as epoch_s(first_instant(cast(d as timestamp), tz));

-- First local date of the day, week (from Monday) or month that contains a second since 1970 UTC.
create macro bucket_of_epoch(granularity, s, tz) as cast(date_trunc(granularity, timezone(tz, to_timestamp(s))) as date);

-- First date of the day, week (from Monday) or month that contains a date.
create macro bucket_of_date(granularity, d) as cast(date_trunc(granularity, cast(d as date)) as date);

-- The date that a text is; null for another text.
create macro date_of_text(t) as try_cast(t as date);

-- ISO weekday of a date, 1 for Monday to 7 for Sunday.
create macro iso_weekday(d) as isodow(d);

-- A word in lower case.
create macro fold_case(word) as lower(word);

-- A number; an error with a message if it is above a maximum.
create macro fail_above(n, max_n, message) as (case when n > max_n then error(message) else n end);

-- Values as a list, in the order of others.
create macro list_by(x, place) as list(x order by place);

-- A number as text, with a decimal point.
create macro number_text(x) as cast(cast(x as double) as varchar);

-- A time as text, without zeros at the end of its fraction.
create macro timestamp_text(ts) as cast(ts as varchar);

-- Names as one comma-separated text, sorted.
create macro list_names(name) as string_agg(name, ', ' order by name);

-- Count of each name as a JSON object, highest first.
create macro count_object(name, n) as cast('{' || string_agg(cast(to_json(name) as varchar) || ':' || n, ',' order by n desc, name) || '}' as json);

-- First 16 hex digits of the MD5 hash of a text.
create macro hash16(text) as left(md5(text), 16);

-- Transaction number: the transaction's own if it has at most 15 digits, else one above 2^52 made from the session ID.
create macro transaction_number(transaction_id, session_id) as (
  case when regexp_full_match(transaction_id, '[0-9]{1,15}') then cast(transaction_id as bigint)
       else 4503599627370496 + cast('0x' || left(md5(session_id), 13) as bigint) end
);

-- A number with two decimals.
create macro two_decimals(x) as format('{:.2f}', cast(x as double));

-- A whole number with separators of thousands.
create macro grouped_digits(n) as format('{:,}', n);

-- The JSON of a forecast: one object per series.
create macro parse_forecasts(payload) as from_json(payload, '[{
  "series": "VARCHAR", "model": "VARCHAR", "history_from": "DATE", "history_to": "DATE", "history_days": "BIGINT", "active": "BIGINT", "outliers": "BIGINT",
  "totals": [{"horizon_days": "BIGINT", "value": "DOUBLE", "low": "DOUBLE", "high": "DOUBLE", "origins": "BIGINT", "independent": "BIGINT", "error": "DOUBLE", "naive_error": "DOUBLE", "coverage": "DOUBLE"}],
  "first_day": "DATE", "actual": ["DOUBLE"], "value": ["DOUBLE"], "low": ["DOUBLE"], "high": ["DOUBLE"]
}]');

-- One row per series and horizon, with the forecast total and its backtest.
create macro parse_forecast_totals(payload) as flatten(list_transform(parse_forecasts(payload), lambda one: list_transform(one.totals, lambda total: {
  series: one.series, horizon_days: total.horizon_days, model: one.model, history_from: one.history_from, history_to: one.history_to, history_days: one.history_days,
  active: one.active, outliers: one.outliers, origins: total.origins, independent: total.independent, error: total.error, naive_error: total.naive_error, coverage: total.coverage,
  value: total.value, low: total.low, high: total.high
})));

-- One row per series and day: first the measured days, then the forecast days.
create macro parse_forecast_days(payload) as flatten(list_transform(parse_forecasts(payload), lambda one: list_transform(range(len(one.actual) + len(one.value)), lambda n: {
  series: one.series, day: one.first_day + cast(n as integer), actual: one.actual[n + 1],
  value: case when n >= len(one.actual) then one.value[n + 1 - len(one.actual)] end,
  low: case when n >= len(one.actual) then one.low[n + 1 - len(one.actual)] end,
  high: case when n >= len(one.actual) then one.high[n + 1 - len(one.actual)] end
})));
