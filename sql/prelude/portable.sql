-- Macros in the SQL that every engine runs; what differs is in duckdb.sql and clickhouse.sql.

-- Seconds from one time to another, with their fraction.
create macro seconds_between(starts, ends) as ((epoch_micros(ends) - epoch_micros(starts)) / 1000000::double);

-- Name of an ISO weekday.
create macro weekday_name_of(weekday) as (
  case weekday when 1 then 'Monday' when 2 then 'Tuesday' when 3 then 'Wednesday' when 4 then 'Thursday' when 5 then 'Friday' when 6 then 'Saturday' else 'Sunday' end
);

-- Seconds of the interval from starts to ends that lie in slot number slot, where slots are width seconds wide.
create macro overlap(starts, ends, slot, width) as (least(ends, (slot + 1) * width) - greatest(starts, slot * width));

-- Whether two words are equal, case-insensitive.
create macro equals_ci(a, b) as (fold_case(a) = fold_case(b));

-- ID of a detected issue: the same however often the rules run.
create macro issue_id_of(rule, station_id, connector_id, session_id, created_at) as (
  'iss_' || hash16(rule || '|' || station_id || '|' || coalesce(connector_id, '') || '|' || coalesce(session_id, '') || '|' || epoch_s(created_at))
);

-- Duration of s seconds in words: 45 minutes, 1 hour, 9 hours 18 minutes, 3 days 2 hours.
create macro pluralize(n, thing) as (n || ' ' || thing || case when n = 1 then '' else 's' end);
create macro duration_text(s) as (
  case when s < 3600 then pluralize(idiv(s, 60), 'minute')
       when s < 86400 then pluralize(idiv(s, 3600), 'hour') || case when s % 3600 >= 60 then ' ' || pluralize(idiv(s % 3600, 60), 'minute') else '' end
       else pluralize(idiv(s, 86400), 'day') || case when s % 86400 >= 3600 then ' ' || pluralize(idiv(s % 86400, 3600), 'hour') else '' end
  end
);

-- State of a connector from its status in OCPP 1.6, OCPP 2 or OCPI.
create macro connector_state(status) as (
  case fold_case(status)
    when 'available' then 'available'
    when 'charging' then 'in_use' when 'preparing' then 'in_use' when 'occupied' then 'in_use' when 'suspendedev' then 'in_use'
    when 'suspendedevse' then 'in_use' when 'finishing' then 'in_use'
    when 'reserved' then 'reserved'
    when 'faulted' then 'faulted' when 'outoforder' then 'faulted'
    when 'unavailable' then 'unavailable' when 'inoperative' then 'unavailable' when 'blocked' then 'unavailable' when 'planned' then 'unavailable'
    when 'removed' then 'removed'
    else 'unknown'
  end
);

-- Instant of microseconds since 1970-01-01 00:00 UTC.
create macro instant_of_micros(us) as make_timestamp(us);

-- Start of the UTC day from which a report needs events, and of the events that are read without asking what they add to it: most
-- charge points send something in two days. Null without a bound.
create macro scan_start(scan_from, as_of) as cast(date_trunc('day', case when scan_from <= as_of then scan_from when scan_from > as_of then as_of end) as timestamp);
create macro near_start(scan_from, as_of) as (scan_start(scan_from, as_of) - interval 2 day);

-- Start of the days before as_of, or since if that is later.
create macro days_start(as_of, days, since) as greatest(seconds_after(as_of, -86400 * cast(days as bigint)), coalesce(since, seconds_after(as_of, -86400 * cast(days as bigint))));

-- Order of the events of a charge point, as a number: by time; at the same moment heartbeats come before other events, a disconnect
-- after these, and a connect last.
create macro event_position(event_time, event_type) as (
  epoch_micros(event_time) * 8 + case lower(event_type) when 'heartbeat' then 0 when 'disconnect' then 3 when 'connect' then 5 else 1 end
);
create macro micros_of_position(pos) as idiv(pos, 8);
create macro is_heartbeat_position(pos) as coalesce(pos % 8 = 0, false);
create macro is_disconnect_position(pos) as coalesce(pos % 8 = 3, false);

-- Heartbeat number place (from 0) of a row of heartbeat_days.
create macro heartbeat_of_day(first_at, place, step, deviations, unit_ms) as (
  instant_of_micros(epoch_micros(first_at) + (cast(place as bigint) * step + value_at(deviations, place)) * unit_ms * 1000)
);

-- Whether an event reports the status of a connector. Boot and firmware events have a status too, but it is not the connector's.
create macro is_connector_status(event_type, status) as (
  status is not null and (lower(event_type) = 'status' or connector_state(status) <> 'unknown')
);

-- Whether a status is a pause by the vehicle or the end of a charge; whether it is any pause, which does not end the time of a charge.
create macro is_idle(status) as (fold_case(status) in ('suspendedev', 'finishing'));
create macro is_pause(status) as (fold_case(status) in ('suspendedev', 'suspendedevse', 'finishing'));

-- Second at which a session ends; an active session, or one without duration, counts as one second long.
create macro session_end_s(start_time, end_time) as greatest(epoch_s(coalesce(end_time, start_time)), epoch_s(start_time) + 1);

-- Mean power of a session; 0 without energy or length, or above 4,000 kW, more than any charge point delivers: the times are wrong then.
create macro plausible_kw(energy_kwh, seconds) as (
  case when seconds > 0 and energy_kwh::double * 3600 / seconds::double <= 4000 then energy_kwh::double * 3600 / seconds::double else 0 end
);

-- Whether a session belongs to a period (both ends included) by the rule: its start, its end, or any overlap (spread).
create macro in_period(start_time, end_time, period_from, period_to, rule) as (
  case rule
    when 'start' then (period_from is null or start_time >= period_from) and (period_to is null or start_time <= period_to)
    when 'end' then end_time is not null and (period_from is null or end_time >= period_from) and (period_to is null or end_time <= period_to)
    -- end_time >= period_from is redundant, but lets the scan skip blocks.
    else (period_from is null or ((end_time is null or end_time >= period_from) and (start_time >= period_from or end_time > period_from)))
      and (period_to is null or start_time <= period_to)
  end
);

-- Part of an amount up to second t, if it is spread evenly from second starts to second ends. Parts are differences of two such
-- values, so parts that follow each other add up exactly.
create macro amount_until(amount, starts, ends, t) as (
  case when t >= ends then amount
       when t <= starts then 0
       else cast(cast(amount as double) * (t - starts) / cast(ends - starts as double) as decimal(18,6)) end
);

-- The part of an amount for some of its seconds, in millionths: a whole number as a double, so that sums are exact and fast.
create macro millionths_of_part(amount, part_seconds, seconds) as round(cast(amount as double) * 1000000 * part_seconds / cast(seconds as double));

-- Part of such an amount from one second to another.
create macro amount_between(amount, starts, ends, part_start, part_end) as (
  cast(amount_until(amount, starts, ends, part_end) - amount_until(amount, starts, ends, part_start) as decimal(18,6))
);

-- Money or energy of a session that counts in a period: all of it, or with spread the part of its time in the period.
create macro amount_in_period(amount, start_time, end_time, period_from, period_to, rule) as (
  case rule
    when 'spread' then
      case when (period_from is null or start_time >= period_from) and (period_to is null or coalesce(end_time, start_time) <= period_to) then amount
           else amount_between(amount, epoch_s(start_time), session_end_s(start_time, end_time),
                  coalesce(epoch_s(period_from), epoch_s(start_time)), coalesce(epoch_s(period_to) + 1, session_end_s(start_time, end_time))) end
    else amount
  end
);

-- Seconds of an ended session that count in a period: all of them, or with spread those in the period.
create macro seconds_in_period(start_time, end_time, period_from, period_to, rule) as (
  case when end_time is null then null
       when rule = 'spread'
       then cast(round(greatest(least(epoch_micros(end_time), coalesce((epoch_s(period_to) + 1) * 1000000, epoch_micros(end_time)))
                                - greatest(epoch_micros(start_time), coalesce(epoch_micros(period_from), epoch_micros(start_time))), 0) / 1000000::double, 6) as decimal(18, 6))
       else cast(round(seconds_between(start_time, end_time), 6) as decimal(18, 6)) end
);

-- Whether a session is completed: it ended, not before its start, with energy, and is not marked failed or invalid. Never null.
create macro is_completed(start_time, end_time, energy_kwh, status) as (
  coalesce(end_time >= start_time and energy_kwh > 0, false)
  and coalesce(status not ilike 'failed' and status not ilike 'invalid', true)
);

-- Difference in kWh between the meter readings (in Wh) and the energy of a session, to a millionth.
create macro meter_difference(meter_start, meter_stop, energy_kwh) as round(abs((meter_stop - meter_start) / 1000::double - energy_kwh), 6);

-- Whether that difference exceeds both the tolerance in kWh and 1 % of the energy.
create macro meter_contradicts(meter_start, meter_stop, energy_kwh, tolerance) as (
  meter_difference(meter_start, meter_stop, energy_kwh) > greatest(tolerance, round(0.01 * energy_kwh, 6))
);

-- An amount in another currency, rounded to 6 decimals, so that any grouping gives the same total; null without a rate.
create macro converted_amount(amount, multiplier, divisor) as (
  case when abs(cast(amount as double) * multiplier / divisor) < 1e12 then cast(round(cast(amount as double) * multiplier / divisor, 6) as decimal(18, 6)) end
);

-- Price of an energy, rounded to 6 decimals, so that any grouping gives the same total.
create macro energy_price(energy_kwh, price) as (
  case when abs(cast(energy_kwh as double) * cast(price as double)) < 1e12 then cast(round(energy_kwh * price, 6) as decimal(18, 6)) end
);

-- A number of buckets, and of days in a series by day, week or month; more than 10,000 buckets raise an error. 304,000 days are 9,988 months.
create macro bounded_buckets(n) as fail_above(n, 10000, 'more than 10000 buckets');
create macro bounded_days(n, granularity) as (
  fail_above(n, case granularity when 'day' then 10000 when 'week' then 70000 else 304000 end, 'more than 10000 buckets')
);

-- Notes of an answer: amounts that are left out of it, and amounts whose currency is not known; null if the answer has no currency either.
create macro count_of(n, thing) as (grouped_digits(n) || ' ' || thing || case when n = 1 then '' else 's' end);
create macro left_out_note(amounts, name, days) as (
  count_of(amounts, 'amount') || ' in ' || name || ' (' || count_of(days, 'day') || case when amounts = 1 then ') is' else ') are' end
    || ' left out: no exchange rate. Import rates with ''wattduck ingest eurofxref-hist.csv''.'
);
create macro no_currency_note(amounts, name) as (
  count_of(amounts, 'amount') || ' without a currency ' || case when amounts = 1 then 'counts' else 'count' end || ' as ' || name || '.'
);
create macro amount_note(name, amounts, days, answer_currency) as (
  case when name is null then no_currency_note(amounts, answer_currency) else left_out_note(amounts, name, days) end
);
