-- Values as files write them, for mappings and for the casts of the ingest. Each macro answers null for what it does not understand,
-- or, where it answers text, that text as it was: the cast of the column then says what is wrong with it.

-- Seconds of a duration written H:MM:SS, H:MM or as an ISO 8601 time like PT1H32M5S.
create macro clock_seconds(t) as (
  case when regexp_full_match(t, '[0-9]+:[0-5]?[0-9](:[0-5]?[0-9])?(\.[0-9]+)?')
       then split_part(t, ':', 1)::double * 3600 + split_part(t, ':', 2)::double * 60 + coalesce(try_cast(split_part(t, ':', 3) as double), 0)
       when regexp_full_match(t, 'PT([0-9.]+H)?([0-9.]+M)?([0-9.]+S)?')
       then coalesce(try_cast(regexp_extract(t, '([0-9.]+)H', 1) as double), 0) * 3600
            + coalesce(try_cast(regexp_extract(t, '([0-9.]+)M', 1) as double), 0) * 60
            + coalesce(try_cast(regexp_extract(t, '([0-9.]+)S', 1) as double), 0) end
);

-- A number times a factor, as text: watt-hours as kilowatt-hours with 0.001.
create macro times(t, factor) as (coalesce((try_cast(t as decimal(24, 6)) * factor::decimal(9, 6))::double::varchar, t));

-- Whether a date begins with day or month: which of the two, it does not say.
create macro is_day_or_month_first(t) as (regexp_matches(t, '^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2}([0-9]{2})?([ T,]|$)'));

-- A date that begins with day or month, with four digits of its year.
create macro full_year(t) as (regexp_replace(t, '^([0-9]+)[./-]([0-9]+)[./-]([0-9]{2})([ T,]|$)', '\1-\2-20\3\4'));

-- A date with month names, or day and month in the order told ('dmy', 'mdy'), as year-month-day; anything else as it was.
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

-- A written time with a twelve-hour clock, on a year-first date, as twenty-four hours.
create macro full_clock(t) as (
  case when regexp_matches(t, '[AaPp]\.?[Mm]\.?$')
       then coalesce(try_strptime(upper(replace(t, '.', '')), ['%Y-%m-%d %I:%M:%S %p', '%Y-%m-%d %I:%M %p', '%Y-%m-%d %I:%M:%S%p', '%Y-%m-%d %I:%M%p'])::varchar, t)
       else t end
);

-- Seconds, milliseconds or microseconds since 1970, told apart by their digits, as an instant in UTC.
create macro unix_instant(t) as (
  case when regexp_full_match(t, '[0-9]{9,10}(\.[0-9]+)?') then make_timestamp((t::double * 1000000)::bigint)
       when regexp_full_match(t, '[0-9]{12,13}(\.[0-9]+)?') then make_timestamp((t::double * 1000)::bigint)
       when regexp_full_match(t, '[0-9]{15,16}') then make_timestamp(t::bigint) end
);

create macro has_offset(t) as (regexp_matches(t, ':.*(Z|z| ?UTC| ?GMT|[+-][0-9]{2}(:?[0-9]{2})?)$'));

-- The instant of a time on the wall clock of a zone; of an hour that happens twice, the first.
create macro first_instant(local, zone) as (
  timezone('UTC', case when timezone(zone, timezone(zone, local) - interval 1 hour) = local then timezone(zone, local) - interval 1 hour else timezone(zone, local) end)
);

-- Month, day and hour with two digits each.
create macro two_digits(t) as (
  regexp_replace(regexp_replace(regexp_replace(t, '^([0-9]{4}-)([0-9]-)', '\10\2'), '^([0-9]{4}-[0-9]{2}-)([0-9]([ T]|$))', '\10\2'), '^([0-9-]{10}[ T])([0-9]:)', '\10\2')
);

-- The instant, in UTC, of a written time: with its offset, or on the wall clock of a zone.
create macro instant_in(t, zone) as (
  case when t[1] not between '0' and '9' then null
       -- Before an offset DuckDB wants two digits and seconds, and a colon in it.
       when has_offset(t) then timezone('UTC', try_cast(regexp_replace(regexp_replace(regexp_replace(two_digits(t), '^([^ T]+[ T][0-9]+:[0-9]{2}) ?([Zz+-]|UTC|GMT)', '\1:00\2'),
              '(:.*[+-][0-9]{2})([0-9]{2})$', '\1:\2'), ' ?(GMT|UTC|z)$', 'Z') as timestamptz))
       when zone = 'UTC' then try_cast(t as timestamp)
       else first_instant(try_cast(t as timestamp), zone) end
);

-- A written number without blanks as plain digits: the decimal mark told (',' or '.') makes the other one a thousands mark.
create macro plain_marks(t, decimal_mark) as (
  case when decimal_mark = ',' and regexp_full_match(t, '[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)(,[0-9]*)?') then replace(replace(t, '.', ''), ',', '.')
       when decimal_mark = '.' and regexp_full_match(t, '[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?') then replace(t, ',', '')
       when decimal_mark = ',' then null
       when regexp_full_match(t, '[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?') then t end
);

-- The same with blanks or apostrophes between thousands.
create macro plain_digits(t, decimal_mark) as (
  case when regexp_full_match(t, '[+-]?[0-9]{1,3}([ ''’\x{00a0}\x{202f}][0-9]{3})+([.,][0-9]+)?')
         then plain_marks(regexp_replace(t, '[ ''’\x{00a0}\x{202f}]', '', 'g'), decimal_mark)
       else plain_marks(t, decimal_mark) end
);

-- What is left of a written quantity without its unit or currency sign.
create macro without_unit(t, unit) as (
  case when unit in ('kWh', 'Wh', 'kW', 'W') then regexp_replace(t, '\s*[kM]?Wh?$', '')
       when unit = 'currency' then regexp_replace(t, '^([+-]?) ?(?:[$€£¥]|[A-Z]{3}) ?|\s*(?:[$€£¥]|[A-Z]{3})$', '\1', 'g')
       when unit = 'percent' then rtrim(t, ' %')
       else t end
);

-- How many of the wanted unit the written one is; null where the two measure different things.
create macro unit_factor(t, unit) as (
  case when unit not in ('kWh', 'Wh', 'kW', 'W') or not regexp_matches(t, '[A-Za-z]$') then 1
       else case regexp_extract(t, '([kM]?Wh?)$') || '>' || unit
              when 'kWh>kWh' then 1 when 'Wh>kWh' then 0.001 when 'MWh>kWh' then 1000 when 'Wh>Wh' then 1 when 'kWh>Wh' then 1000 when 'MWh>Wh' then 1000000
              when 'kW>kW' then 1 when 'W>kW' then 0.001 when 'MW>kW' then 1000 when 'W>W' then 1 when 'kW>W' then 1000 when 'MW>W' then 1000000 end end
);

-- A written quantity, in the unit wanted: '17 kWh', '17000 Wh' and '0.017 MWh' are 17 kWh; '€ 1.50', '1.50 EUR' and '$1.50' are 1.50; '80 %' is 80.
-- The lambda keeps the text from being pasted into every place that looks at it.
create macro written_number(t, unit, decimal_mark) as (
  list_transform([without_unit(t, unit)], lambda digits: try_cast(plain_digits(digits, decimal_mark) as double))[1] * unit_factor(t, unit)::double
);

-- The offset of a North American or European zone's letters; nothing for letters not known.
create macro zone_offset(letters) as (
  case upper(letters) when 'UTC' then '+00:00' when 'GMT' then '+00:00' when 'Z' then '+00:00' when 'WET' then '+00:00' when 'WEST' then '+01:00'
    when 'BST' then '+01:00' when 'CET' then '+01:00' when 'CEST' then '+02:00' when 'EET' then '+02:00' when 'EEST' then '+03:00'
    when 'EST' then '-05:00' when 'EDT' then '-04:00' when 'CST' then '-06:00' when 'CDT' then '-05:00' when 'MST' then '-07:00' when 'MDT' then '-06:00'
    when 'PST' then '-08:00' when 'PDT' then '-07:00' when 'AKST' then '-09:00' when 'AKDT' then '-08:00' when 'HST' then '-10:00' else '' end
);

-- The instant, in UTC, of a time in any of these forms. The lambdas keep each text from being pasted into every place that looks at it.
create macro written_instant(t, date_order, zone) as (
  coalesce(unix_instant(t), list_transform([year_first(t, date_order)], lambda day: list_transform([full_clock(day)], lambda clock: instant_in(clock, zone))[1])[1])
);

-- A day and a clock time of two columns as one text; where one of them is missing, a text that is no time.
create macro day_and_time(day, clock) as (case when coalesce(day, clock) is not null then coalesce(day, '?') || ' ' || coalesce(clock, '?') end);

-- A member of a JSON object; anything that is no object as it was.
create macro member(t, path) as (case when json_valid(t) then case when json_type(t) = 'OBJECT' then json_extract_string(t, path) else t end else t end);

-- What an OCPP 1.6 frame is about, in the words of charge_point_events; other actions by their own name, what is no JSON as it was.
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

-- A field of what an OCPP call asks or its result answers.
create macro ocpp_field(frame, path) as (
  case when json_valid(frame) then coalesce(json_extract_string(frame, '$[3].' || path), json_extract_string(frame, '$[2].' || path)) end
);

-- The first reading of the whole meter, not of one phase, in an OCPP MeterValues call, with its unit.
create macro ocpp_reading(frame, measurand) as (
  case when json_valid(frame) then list_transform(
    list_filter(json_extract(frame, '$[3].meterValue[*].sampledValue[*]'), lambda each:
      coalesce(json_extract_string(each, '$.measurand'), 'Energy.Active.Import.Register') = measurand and json_extract_string(each, '$.phase') is null),
    lambda each: concat_ws(' ', json_extract_string(each, '$.value'), nullif(json_extract_string(each, '$.unit'), 'Percent')))[1] end
);

-- What the first component of an OCPI tariff says that prices a dimension at any time, as its price.
create macro ocpi_component(elements, dimension, path) as (
  case when json_valid(elements) then json_extract_string(
    list_filter(flatten(list_transform(
        list_filter(json_extract(elements, '$[*]'), lambda each: coalesce(json_extract_string(each, '$.restrictions'), '{}') = '{}'),
        lambda each: json_extract(each, '$.price_components[*]'))),
      lambda each: json_extract_string(each, '$.type') = dimension)[1], path) end
);
