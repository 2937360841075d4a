-- The macros of duckdb.sql for ClickHouse, and functions of DuckDB that ClickHouse lacks or computes in another way. A function
-- of ClickHouse is also evaluated for rows that a condition leaves out, and where null is inside: none may raise an error for them.

create macro contains_text(hay, needle) as (position(hay, needle) > 0);
create macro contains_ci(hay, needle) as (positionUTF8(lowerUTF8(hay), lowerUTF8(needle)) > 0);
create macro quant(x, q) as quantileExactInclusive(q)(toFloat64(x));

-- Times.
create macro epoch_micros(ts) as toUnixTimestamp64Micro(toDateTime64(ts, 6, 'UTC'));
create macro epoch_us(ts) as epoch_micros(ts);
create macro epoch_s(ts) as intDiv(epoch_micros(ts), 1000000);
create macro make_timestamp(us) as fromUnixTimestamp64Micro(toInt64(us), 'UTC');
create macro seconds_after(ts, s) as addMicroseconds(toDateTime64(ts, 6, 'UTC'), toInt64(round((s) * 1000000, 0)));
create macro unnest_heartbeats(first_at, heartbeat_count, step, deviations, unit_ms) as arrayJoin(arrayMap(
  (place, deviation) -> make_timestamp(epoch_micros(first_at) + (toInt64(place) * step + deviation) * toInt64(unit_ms) * 1000),
  range(0, heartbeat_count), deviations));
create macro heartbeats_until(first_at, step, deviations, unit_ms, instant) as toInt64(length(arrayFilter(
  (deviation, i) -> ifNull(epoch_micros(first_at) + (toInt64(i - 1) * step + deviation) * toInt64(unit_ms) * 1000 <= epoch_micros(instant), false),
  deviations, arrayEnumerate(deviations))));
create macro long_gap_places(step, deviations, unit_ms, max_gap_ms) as arrayFilter(
  i -> ifNull((step + deviations[i + 2] - deviations[i + 1]) * unit_ms > max_gap_ms, false), range(0, toInt64(length(deviations)) - 1));
create macro value_at(list, place) as list[toInt64(assumeNotNull(place)) + 1];
create macro local_hour_of_epoch(s, tz) as toInt64(toHour(toDateTime64(s, 0, tz)));
create macro local_date_of_epoch(s, tz) as toDate32(toDateTime64(s, 0, tz));
create macro epoch_of_local_date(d, tz) as intDiv(toUnixTimestamp64Micro(toDateTime64(toDate32(d), 6, tz)), 1000000);
create macro bucket_of_epoch(granularity, s, tz) as bucket_of_date(granularity, toDate32(toDateTime64(s, 0, tz)));
create macro bucket_of_date(granularity, d) as toDate32(multiIf(granularity = 'month', toStartOfMonth(toDate32(d)),
  granularity = 'week', toMonday(toDate32(d)), granularity = 'quarter', toStartOfQuarter(toDate32(d)), granularity = 'year', toStartOfYear(toDate32(d)), toDate32(d)));
create macro date_of_text(t) as toDate32OrNull(t);
create macro iso_weekday(d) as toInt64(toDayOfWeek(d));

-- Numbers. Halves are rounded away from zero.
create macro idiv(a, b) as intDiv(a, b);
create macro least_non_null(a, b) as least(a, b);
create macro finite_or_0(x) as ifNotFinite(toFloat64(assumeNotNull(x)), 0);
create macro round(x, n) as if(isNull(x), NULL, sign(finite_or_0(x)) * floor(abs(finite_or_0(x)) * pow(10, n) + 0.5) / pow(10, n));
create macro to_decimal(x, s) as if(isNull(x), NULL, toDecimal64(finite_or_0(x) + sign(finite_or_0(x)) * 0.5 / pow(10, s), s));
create macro isfinite(x) as (not (isNaN(x) or isInfinite(x)));
create macro range(a, b) as if(isNull(a) or isNull(b), emptyArrayInt64(), range(toInt64(assumeNotNull(a)), toInt64(assumeNotNull(b))));
create macro fail_above(n, max_n, message) as (n + throwIf(ifNull(n > max_n, false), message));
create macro number_text(x) as if(position(toString(x), '.') = 0, concat(toString(x), '.0'), toString(x));
create macro two_decimals(x) as printf('%.2f', toFloat64(x));
create macro grouped_digits(n) as replaceRegexpOne(reverse(replaceRegexpAll(reverse(toString(n)), '([0-9]{3})', '\1,')), '^,', '');

-- Texts and lists.
create macro fold_case(word) as lowerUTF8(word);
create macro regexp_full_match(x, p) as match(x, concat('^(?:', p, ')$'));
create macro timestamp_text(ts) as replaceRegexpOne(toString(toDateTime64(ts, 6, 'UTC')), '[.]?0*$', '');
create macro list_by(x, place) as arrayMap(pair -> tupleElement(pair, 2), arraySort(groupArray(tuple(place, x))));
create macro list_names(name) as nullIf(arrayStringConcat(arraySort(groupArray(name)), ', '), '');
create macro count_object(name, n) as concat('{', arrayStringConcat(arrayMap(pair -> concat(toJSONString(tupleElement(pair, 2)), ':', toString(-tupleElement(pair, 1))),
  arraySort(groupArray(tuple(-(n), assumeNotNull(name))))), ','), '}');
create macro hash16(text) as left(lower(hex(MD5(text))), 16);
create macro transaction_number(transaction_id, session_id) as if(coalesce(match(transaction_id, '^[0-9]{1,15}$'), false), toInt64OrZero(coalesce(transaction_id, '')),
  4503599627370496 + toInt64(bitShiftRight(reinterpretAsUInt64(reverse(substring(MD5(session_id), 1, 8))), 12)));

-- Forecasts.
create macro parse_forecasts(payload) as JSONExtract(payload, 'Array(Tuple(series Nullable(String), model Nullable(String), history_from Nullable(Date32), history_to Nullable(Date32),
  history_days Nullable(Int64), active Nullable(Int64), outliers Nullable(Int64), totals Array(Tuple(horizon_days Nullable(Int64), value Nullable(Float64), low Nullable(Float64),
  high Nullable(Float64), origins Nullable(Int64), independent Nullable(Int64), error Nullable(Float64), naive_error Nullable(Float64), coverage Nullable(Float64))),
  first_day Nullable(Date32), actual Array(Nullable(Float64)), value Array(Nullable(Float64)), low Array(Nullable(Float64)), high Array(Nullable(Float64))))');
create macro forecast_value(list, n, actual) as if(n < length(actual), NULL, list[n + 1 - length(actual)]);
create macro parse_forecast_totals(payload) as cast(arrayFlatten(arrayMap(one -> arrayMap(total -> tuple(one.series, total.horizon_days, one.model,
  one.history_from, one.history_to, one.history_days, one.active, one.outliers, total.origins, total.independent, total.error, total.naive_error,
  total.coverage, total.value, total.low, total.high), one.totals), parse_forecasts(payload))), 'Array(Tuple(series Nullable(String), horizon_days Nullable(Int64),
  model Nullable(String), history_from Nullable(Date32), history_to Nullable(Date32), history_days Nullable(Int64), active Nullable(Int64),
  outliers Nullable(Int64), origins Nullable(Int64), independent Nullable(Int64), error Nullable(Float64), naive_error Nullable(Float64),
  coverage Nullable(Float64), value Nullable(Float64), low Nullable(Float64), high Nullable(Float64)))');
create macro parse_forecast_days(payload) as cast(arrayFlatten(arrayMap(one -> arrayMap(n -> tuple(one.series, one.first_day + toIntervalDay(n),
  one.actual[n + 1], forecast_value(one.value, n, one.actual), forecast_value(one.low, n, one.actual), forecast_value(one.high, n, one.actual)),
  range(0, length(one.actual) + length(one.value))), parse_forecasts(payload))),
  'Array(Tuple(series Nullable(String), day Nullable(Date32), actual Nullable(Float64), value Nullable(Float64), low Nullable(Float64), high Nullable(Float64)))');
