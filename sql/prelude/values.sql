-- Values as files write them, for mappings and casts on import. For input it does not understand, a macro returns null or the
-- unchanged text; the cast of the column then reports the error.

-- Seconds of a duration written H:MM:SS, H:MM or in ISO 8601 like PT1H32M5S.
create macro clock_seconds(t) as (
  case when regexp_full_match(t, '[0-9]+:[0-5]?[0-9](:[0-5]?[0-9])?(\.[0-9]+)?')
       then split_part(t, ':', 1)::double * 3600 + split_part(t, ':', 2)::double * 60 + coalesce(try_cast(split_part(t, ':', 3) as double), 0)
       when regexp_full_match(t, 'PT([0-9.]+H)?([0-9.]+M)?([0-9.]+S)?')
       then coalesce(try_cast(regexp_extract(t, '([0-9.]+)H', 1) as double), 0) * 3600
            + coalesce(try_cast(regexp_extract(t, '([0-9.]+)M', 1) as double), 0) * 60
            + coalesce(try_cast(regexp_extract(t, '([0-9.]+)S', 1) as double), 0) end
);

-- A number times a factor, as text: 0.001 converts watt-hours to kilowatt-hours.
create macro times(t, factor) as (
  coalesce((
    case when try_cast(factor as decimal(14, 6))::double = factor::double then (try_cast(t as decimal(20, 6)) * try_cast(factor as decimal(14, 6)))::double end
  )::varchar, (try_cast(t as double) * factor::double)::varchar, t)
);

-- Whether a date begins with the day or the month (either of them).
create macro is_day_or_month_first(t) as (regexp_matches(t, '^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2}([0-9]{2})?([ T,]|$)'));

-- A date that begins with day or month, with a four-digit year.
create macro full_year(t) as (regexp_replace(t, '^([0-9]+)[./-]([0-9]+)[./-]([0-9]{2})([ T,]|$)', '\1-\2-20\3\4'));

-- A date with month names, or with day and month in date_order ('dmy', 'mdy'), as year-month-day; anything else unchanged.
create macro year_first(t, date_order) as (
  case when is_day_or_month_first(t)
       then case date_order
              when 'dmy' then regexp_replace(full_year(t), '^([0-9]+)[./-]([0-9]+)[./-]([0-9]+),?', '\3-\2-\1')
              when 'mdy' then regexp_replace(full_year(t), '^([0-9]+)[./-]([0-9]+)[./-]([0-9]+),?', '\3-\1-\2') end
       when regexp_matches(t, '^[0-9]{4}[./]') then regexp_replace(t, '^([0-9]{4})[./]([0-9]{1,2})[./]([0-9]{1,2})', '\1-\2-\3')
       when regexp_matches(t, '^([A-Z][a-z]{2}, )?[0-9].*[A-Za-z]{3}|^[A-Z][a-z]{2,} [0-9]') then coalesce(try_strptime(t, [
              '%a, %d %b %Y %H:%M:%S GMT', '%d %b %Y %H:%M:%S', '%d %b %Y %H:%M', '%d-%b-%Y %H:%M:%S', '%d-%b-%Y %H:%M', '%d %b %Y', '%d-%b-%Y',
              '%b %d, %Y %H:%M:%S', '%b %d, %Y %H:%M', '%b %d, %Y %I:%M:%S %p', '%b %d, %Y %I:%M %p', '%b %d, %Y', '%d %B %Y', '%B %d, %Y',
              '%d %B %Y %H:%M:%S', '%d %B %Y %H:%M', '%B %d, %Y %H:%M:%S', '%B %d, %Y %H:%M'])::varchar || case when t like '% GMT' then 'Z' else '' end, t)
       else t end
);

-- A year-first timestamp with a 12-hour clock, converted to 24 hours.
create macro full_clock(t) as (
  case when regexp_matches(t, '[AaPp]\.?[Mm]\.?$')
       then coalesce(try_strptime(upper(replace(t, '.', '')), ['%Y-%m-%d %I:%M:%S %p', '%Y-%m-%d %I:%M %p', '%Y-%m-%d %I:%M:%S%p', '%Y-%m-%d %I:%M%p'])::varchar, t)
       else t end
);

-- UTC instant of seconds, milliseconds or microseconds since 1970, distinguished by the number of digits.
create macro unix_instant(t) as (
  case when regexp_full_match(t, '[0-9]{9,10}(\.[0-9]+)?') then make_timestamp((t::double * 1000000)::bigint)
       when regexp_full_match(t, '[0-9]{12,13}(\.[0-9]+)?') then make_timestamp((t::double * 1000)::bigint)
       when regexp_full_match(t, '[0-9]{15,16}') then make_timestamp(t::bigint) end
);

create macro has_offset(t) as (regexp_matches(t, ':.*(Z|z| ?UTC| ?GMT|[+-][0-9]{2}(:?[0-9]{2})?)$'));

-- Month, day and hour with two digits each: '2024-1-5 9:30' becomes '2024-01-05 09:30'.
create macro two_digits(t) as (
  regexp_replace(regexp_replace(regexp_replace(t, '^([0-9]{4}-)([0-9]-)', '\10\2'), '^([0-9]{4}-[0-9]{2}-)([0-9]([ T]|$))', '\10\2'), '^([0-9-]{10}[ T])([0-9]:)', '\10\2')
);

-- UTC instant of a year-first timestamp: with its own offset, or else local time in zone. '2024-1-5 9:30 +0200' becomes
-- '2024-01-05 09:30:00+0200', then '2024-01-05 09:30:00+02:00', and is 07:30 UTC; '2024-01-05 09:30 GMT' becomes '…:00Z'.
create macro instant_in(t, zone) as (
  case when t[1] not between '0' and '9' then null
       -- With an offset, DuckDB requires two-digit parts, seconds, and a colon in the offset.
       when has_offset(t) then timezone('UTC', try_cast(regexp_replace(regexp_replace(regexp_replace(two_digits(t), '^([^ T]+[ T][0-9]+:[0-9]{2}) ?([Zz+-]|UTC|GMT)', '\1:00\2'),
              '(:.*[+-][0-9]{2})([0-9]{2})$', '\1:\2'), ' ?(GMT|UTC|z)$', 'Z') as timestamptz))
       when zone = 'UTC' then try_cast(t as timestamp)
       else first_instant(try_cast(t as timestamp), zone) end
);

-- A number without spaces as plain digits; if decimal_mark is ',', '.' separates thousands, and the other way round.
create macro plain_marks(t, decimal_mark) as (
  case when decimal_mark = ',' and regexp_full_match(t, '[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)(,[0-9]*)?') then replace(replace(t, '.', ''), ',', '.')
       when decimal_mark = '.' and regexp_full_match(t, '[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?') then replace(t, ',', '')
       when decimal_mark = ',' then null
       when regexp_full_match(t, '[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?') then t end
);

-- The same, with spaces or apostrophes allowed between thousands.
create macro plain_digits(t, decimal_mark) as (
  case when regexp_full_match(t, '[+-]?[0-9]{1,3}([ ''’\x{00a0}\x{202f}][0-9]{3})+([.,][0-9]+)?')
         then plain_marks(regexp_replace(t, '[ ''’\x{00a0}\x{202f}]', '', 'g'), decimal_mark)
       else plain_marks(t, decimal_mark) end
);

-- A quantity without its unit or currency sign.
create macro without_unit(t, unit) as (
  case when unit in ('kWh', 'Wh', 'kW', 'W') then regexp_replace(t, '\s*[kM]?Wh?$', '')
       when unit = 'currency' then regexp_replace(t, '^([+-]?) ?(?:[$€£¥]|[A-Z]{3}) ?|\s*(?:[$€£¥]|[A-Z]{3})$', '\1', 'g')
       when unit = 'percent' then rtrim(t, ' %')
       else t end
);

-- Factor from the unit in the text to the target unit; null if the two are incompatible.
create macro unit_factor(t, unit) as (
  case when unit not in ('kWh', 'Wh', 'kW', 'W') or not regexp_matches(t, '[A-Za-z]$') then 1
       else case regexp_extract(t, '([kM]?Wh?)$') || '>' || unit
              when 'kWh>kWh' then 1 when 'Wh>kWh' then 0.001 when 'MWh>kWh' then 1000 when 'Wh>Wh' then 1 when 'kWh>Wh' then 1000 when 'MWh>Wh' then 1000000
              when 'kW>kW' then 1 when 'W>kW' then 0.001 when 'MW>kW' then 1000 when 'W>W' then 1 when 'kW>W' then 1000 when 'MW>W' then 1000000 end end
);

-- A quantity in the target unit: '17 kWh', '17000 Wh' and '0.017 MWh' are 17 kWh; '€ 1.50', '1.50 EUR' and '$1.50' are 1.50; '80 %' is 80.
-- The lambda evaluates its argument once; a macro argument would be copied to every place that uses it.
create macro written_number(t, unit, decimal_mark) as (
  list_transform([without_unit(t, unit)], lambda digits: try_cast(plain_digits(digits, decimal_mark) as double))[1] * unit_factor(t, unit)::double
);

-- UTC offset of a North American or European zone abbreviation; empty if unknown.
create macro zone_offset(letters) as (
  case upper(letters) when 'UTC' then '+00:00' when 'GMT' then '+00:00' when 'Z' then '+00:00' when 'WET' then '+00:00' when 'WEST' then '+01:00'
    when 'BST' then '+01:00' when 'CET' then '+01:00' when 'CEST' then '+02:00' when 'EET' then '+02:00' when 'EEST' then '+03:00'
    when 'EST' then '-05:00' when 'EDT' then '-04:00' when 'CST' then '-06:00' when 'CDT' then '-05:00' when 'MST' then '-07:00' when 'MDT' then '-06:00'
    when 'PST' then '-08:00' when 'PDT' then '-07:00' when 'AKST' then '-09:00' when 'AKDT' then '-08:00' when 'HST' then '-10:00' else '' end
);

-- UTC instant of a timestamp in any of these forms. The lambdas evaluate each step once; see written_number.
create macro written_instant(t, date_order, zone) as (
  coalesce(unix_instant(t), list_transform([year_first(t, date_order)], lambda day: list_transform([full_clock(day)], lambda clock: instant_in(clock, zone))[1])[1])
);

-- A date and a time of day from two columns as one text; if one is missing, a text that is not a valid timestamp.
create macro day_and_time(day, clock) as (case when coalesce(day, clock) is not null then coalesce(day, '?') || ' ' || coalesce(clock, '?') end);

-- A member of a JSON object; anything else unchanged.
create macro member(t, path) as (case when json_valid(t) then case when json_type(t) = 'OBJECT' then json_extract_string(t, path) else t end else t end);

-- Event type of an OCPP 1.6 frame for charge_point_events; other actions keep their name, text that is not JSON is unchanged.
create macro ocpp_event(frame) as (
  case when not json_valid(frame) then frame
       when json_extract_string(frame, '$[0]') = '3' then 'call_result'
       when json_extract_string(frame, '$[0]') = '4' then 'call_error'
       when json_extract_string(frame, '$[0]') = '2' then case json_extract_string(frame, '$[2]')
         when 'BootNotification' then 'boot' when 'Heartbeat' then 'heartbeat' when 'StatusNotification' then 'status'
         when 'FirmwareStatusNotification' then 'firmware' when 'MeterValues' then 'meter'
         when 'StartTransaction' then 'start_transaction' when 'StopTransaction' then 'stop_transaction'
         else json_extract_string(frame, '$[2]') end end
);

-- A field of the payload of an OCPP call or its result.
create macro ocpp_field(frame, path) as (
  case when json_valid(frame) then coalesce(json_extract_string(frame, '$[3].' || path), json_extract_string(frame, '$[2].' || path)) end
);

-- The first total reading (not of a single phase) in an OCPP MeterValues call, with its unit.
create macro ocpp_reading(frame, measurand) as (
  case when json_valid(frame) then list_transform(
    list_filter(json_extract(frame, '$[3].meterValue[*].sampledValue[*]'), lambda each:
      coalesce(json_extract_string(each, '$.measurand'), 'Energy.Active.Import.Register') = measurand and json_extract_string(each, '$.phase') is null),
    lambda each: concat_ws(' ', json_extract_string(each, '$.value'), nullif(json_extract_string(each, '$.unit'), 'Percent')))[1] end
);

-- A value, such as the price, of the first OCPI tariff component for a dimension that applies without restrictions.
create macro ocpi_component(elements, dimension, path) as (
  case when json_valid(elements) then json_extract_string(
    list_filter(flatten(list_transform(
        list_filter(json_extract(elements, '$[*]'), lambda each: coalesce(json_extract_string(each, '$.restrictions'), '{}') = '{}'),
        lambda each: json_extract(each, '$.price_components[*]'))),
      lambda each: json_extract_string(each, '$.type') = dimension)[1], path) end
);
