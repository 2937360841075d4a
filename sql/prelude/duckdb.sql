-- The few names that hide an engine's dialect from the reports; another engine has a file of the same names.

-- Whether a text has another in it, letter by letter.
create macro contains_text(hay, needle) as contains(hay, needle);

-- Exact quantile, interpolated between the two nearest values.
create macro quant(x, q) as quantile_cont(x, q);

-- Whole seconds since 1970-01-01 00:00 UTC.
create macro epoch_s(ts) as (epoch_us(ts) // 1000000);

-- Whole division, rounded down for positive numbers.
create macro idiv(a, b) as (a // b);

-- Hour 0-23 and date on the wall clock of a zone, of seconds since 1970 UTC.
create macro local_hour_of_epoch(s, tz) as hour(timezone(tz, to_timestamp(s)));
create macro local_date_of_epoch(s, tz) as cast(timezone(tz, to_timestamp(s)) as date);

-- A session that has an end not before its start, delivered energy, and is not marked failed or invalid.
create macro is_completed(start_time, end_time, energy_kwh, status) as (
  end_time >= start_time and energy_kwh > 0
  and coalesce(status not ilike 'failed' and status not ilike 'invalid', true)
);

-- The one currency of an answer; several are an error that lists them.
create macro one_currency(how_many, names) as (
  case when how_many > 1 then error('several currencies: ' || names) else names end
);
