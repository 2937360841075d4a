-- The few names that hide an engine's dialect from the reports; another engine has a file of the same names.

-- Whether a text has another in it, letter by letter.
create macro contains_text(hay, needle) as contains(hay, needle);

-- Whether a text has another in it, whatever the case of their letters; every character of it is meant as it is.
create macro mentions(hay, needle) as contains(lower(hay), lower(needle));

-- Exact quantile, interpolated between the two nearest values.
create macro quant(x, q) as quantile_cont(x, q);

-- Whole seconds since 1970-01-01 00:00 UTC.
create macro epoch_s(ts) as (epoch_us(ts) // 1000000);

-- Microseconds since 1970-01-01 00:00 UTC, and so many seconds after an instant.
create macro micros_of(ts) as epoch_us(ts);
create macro seconds_after(ts, s) as (ts + to_microseconds(cast(round(s * 1000000) as bigint)));

-- Whole division, rounded down for positive numbers.
create macro idiv(a, b) as (a // b);

-- The smaller of two values; one that is not known leaves the other.
create macro least_known(a, b) as least(a, b);

-- Hour 0-23 and date on the wall clock of a zone, of seconds since 1970 UTC.
create macro local_hour_of_epoch(s, tz) as hour(timezone(tz, to_timestamp(s)));
create macro local_date_of_epoch(s, tz) as cast(timezone(tz, to_timestamp(s)) as date);

-- First day of the day, week (from Monday) or month that seconds since 1970 UTC fall in on the wall clock of a zone.
create macro bucket_of_epoch(granularity, s, tz) as cast(date_trunc(granularity, timezone(tz, to_timestamp(s))) as date);

-- First day of the day, week (from Monday) or month of a date.
create macro bucket_of_date(granularity, d) as cast(date_trunc(granularity, cast(d as date)) as date);

-- A word in small letters.
create macro folded(word) as lower(word);

-- Whether two words are the same but for the case of their letters.
create macro same_word(a, b) as (lower(a) = lower(b));

-- Names in one text, in the order of their letters.
create macro listed(name) as string_agg(name, ', ' order by name);

-- How often each name occurs, as an object, the most frequent first.
create macro tally(name, n) as cast('{' || string_agg(cast(to_json(name) as varchar) || ':' || n, ',' order by n desc, name) || '}' as json);

-- Sixteen letters that stand for a text.
create macro short_hash(written) as left(md5(written), 16);

-- The number a transaction goes by: its own where that is one, else one above all usual ones that stands for the session.
create macro transaction_number(transaction_id, session_id) as (
  case when regexp_full_match(transaction_id, '[0-9]{1,15}') then cast(transaction_id as bigint)
       else 4503599627370496 + cast('0x' || left(md5(session_id), 13) as bigint) end
);

-- Seconds in words: 45 minutes, 1 hour, 9 hours 18 minutes, 3 days 2 hours.
create macro count_of(n, thing) as (n || ' ' || thing || case when n = 1 then '' else 's' end);
create macro span_words(s) as (
  case when s < 3600 then count_of(s // 60, 'minute')
       when s < 86400 then count_of(s // 3600, 'hour') || case when s % 3600 >= 60 then ' ' || count_of(s % 3600 // 60, 'minute') else '' end
       else count_of(s // 86400, 'day') || case when s % 86400 >= 3600 then ' ' || count_of(s % 86400 // 3600, 'hour') else '' end
  end
);

-- A number with two decimals.
create macro two_decimals(x) as format('{:.2f}', cast(x as double));

-- What a connector can be said to be, whatever words of OCPP 1.6, OCPP 2 or OCPI its status is in.
create macro connector_state(status) as (
  case lower(status)
    when 'available' then 'available'
    when 'charging' then 'in_use' when 'preparing' then 'in_use' when 'occupied' then 'in_use' when 'suspendedev' then 'in_use'
    when 'suspendedevse' then 'in_use' when 'finishing' then 'in_use'
    when 'reserved' then 'reserved'
    when 'faulted' then 'faulted' when 'outoforder' then 'faulted'
    when 'unavailable' then 'unavailable' when 'inoperative' then 'unavailable'
    else 'unknown'
  end
);

-- Second a session ends; one that is running, or ended as it started, is taken to last one.
create macro session_end_s(start_time, end_time) as greatest(epoch_s(coalesce(end_time, start_time)), epoch_s(start_time) + 1);

-- Whether a session belongs to a period, both ends included: by its start, by its end, or for having run in it.
create macro in_period(start_time, end_time, period_from, period_to, rule) as (
  case rule
    when 'start' then (period_from is null or start_time >= period_from) and (period_to is null or start_time <= period_to)
    when 'end' then end_time is not null and (period_from is null or end_time >= period_from) and (period_to is null or end_time <= period_to)
    -- That the end is not before the period is said apart, for the scan to filter by.
    else (period_from is null or ((end_time is null or end_time >= period_from) and (start_time >= period_from or end_time > period_from)))
      and (period_to is null or start_time <= period_to)
  end
);

-- Part of a session, given in seconds, that counts in a period: all of it, or the time it ran in the period where that is shared out.
create macro share_in_period(starts, ends, period_from, period_to, rule) as (
  case rule
    when 'spread' then
      case when (period_from is null or starts >= epoch_s(period_from)) and (period_to is null or ends <= epoch_s(period_to) + 1) then 1
           else greatest(least(ends, coalesce(epoch_s(period_to) + 1, ends)) - greatest(starts, coalesce(epoch_s(period_from), starts)), 0)
             / cast(ends - starts as double)
      end
    else 1
  end
);

-- What of a session's amount counts in a period. A share is rounded, session by session, to the decimals money is kept in:
-- sums of any groups then make the same whole.
create macro amount_in_period(amount, starts, ends, period_from, period_to, rule) as (
  case rule
    when 'spread' then cast(round(cast(amount as double) * share_in_period(starts, ends, period_from, period_to, rule), 6) as decimal(18, 6))
    else amount
  end
);

-- A session that has an end not before its start, delivered energy, and is not marked failed or invalid.
create macro is_completed(start_time, end_time, energy_kwh, status) as (
  end_time >= start_time and energy_kwh > 0
  and coalesce(status not ilike 'failed' and status not ilike 'invalid', true)
);

-- By how many kWh the meter, read in Wh, tells another energy than the session does; to a millionth.
create macro meter_off_by(meter_start, meter_stop, energy_kwh) as round(abs((meter_stop - meter_start) / 1000::double - energy_kwh), 6);

-- Whether that is more than the tolerance in kWh, and more than 1 %: a difference of just so much is none.
create macro meter_contradicts(meter_start, meter_stop, energy_kwh, tolerance) as (
  meter_off_by(meter_start, meter_stop, energy_kwh) > greatest(tolerance, round(0.01 * energy_kwh, 6))
);

-- The one currency of an answer; several are an error that lists them.
create macro one_currency(how_many, names) as (
  case when how_many > 1 then error('several currencies: ' || names) else names end
);

-- What was found of each series, as the forecast writes it down.
create macro forecasts_in(written) as from_json(written, '[{
  "series": "VARCHAR", "model": "VARCHAR", "history_from": "DATE", "history_to": "DATE", "history_days": "BIGINT", "active": "BIGINT", "outliers": "BIGINT",
  "totals": [{"horizon_days": "BIGINT", "value": "DOUBLE", "low": "DOUBLE", "high": "DOUBLE", "origins": "BIGINT", "error": "DOUBLE", "naive_error": "DOUBLE", "coverage": "DOUBLE"}],
  "first_day": "DATE", "actual": ["DOUBLE"], "value": ["DOUBLE"], "low": ["DOUBLE"], "high": ["DOUBLE"]
}]');

-- Every horizon of every series in it, with how its sum was found.
create macro forecast_totals_in(written) as flatten(list_transform(forecasts_in(written), lambda one: list_transform(one.totals, lambda total: {
  series: one.series, horizon_days: total.horizon_days, model: one.model, history_from: one.history_from, history_to: one.history_to, history_days: one.history_days,
  active: one.active, outliers: one.outliers, origins: total.origins, error: total.error, naive_error: total.naive_error, coverage: total.coverage,
  value: total.value, low: total.low, high: total.high
})));

-- Every day of every series in it: those measured, then those forecast.
create macro forecast_days_in(written) as flatten(list_transform(forecasts_in(written), lambda one: list_transform(range(len(one.actual) + len(one.value)), lambda n: {
  series: one.series, day: one.first_day + cast(n as integer), actual: one.actual[n + 1],
  value: case when n >= len(one.actual) then one.value[n + 1 - len(one.actual)] end,
  low: case when n >= len(one.actual) then one.low[n + 1 - len(one.actual)] end,
  high: case when n >= len(one.actual) then one.high[n + 1 - len(one.actual)] end
})));
