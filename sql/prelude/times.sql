-- Times as files write them, for mappings and casts on import. For input it does not understand, a macro returns null or the
-- unchanged text; the cast of the column then reports the error.
-- The lambdas evaluate their arguments once; a macro argument would be copied to every place that uses it.

-- Seconds of a duration written H:MM:SS, H:MM, in ISO 8601 like PT1H32M5S or P1DT2H, or with units like 1h32m5s or 1 h 32 min.
create macro clock_seconds(t) as (
  case when regexp_full_match(t, '[0-9]+:[0-5]?[0-9](:[0-5]?[0-9])?(\.[0-9]+)?')
       then split_part(t, ':', 1)::double * 3600 + split_part(t, ':', 2)::double * 60 + coalesce(try_cast(split_part(t, ':', 3) as double), 0)
       when regexp_full_match(t, 'P(?:[0-9.]+D)?T([0-9.]+H)?([0-9.]+M)?([0-9.]+S)?|P[0-9.]+D') or regexp_full_match(t, '(?i)([0-9.]+ ?d(ays?)?,? ?)?([0-9.]+ ?h((ou)?rs?)?,? ?)?([0-9.]+ ?m(in(ute)?s?)?,? ?)?([0-9.]+ ?s(ec(ond)?s?)?)?')
            and regexp_matches(t, '[0-9]')
       then coalesce(try_cast(regexp_extract(t, '(?i)([0-9.]+) ?d', 1) as double), 0) * 86400
            + coalesce(try_cast(regexp_extract(t, '(?i)([0-9.]+) ?h', 1) as double), 0) * 3600
            + coalesce(try_cast(regexp_extract(t, '(?i)([0-9.]+) ?m', 1) as double), 0) * 60
            + coalesce(try_cast(regexp_extract(t, '(?i)([0-9.]+) ?s', 1) as double), 0) end
);

-- A time in ASCII, without a weekday before it, and without a comment in brackets after its offset or 'Uhr' after its clock.
create macro plain_time(t) as (
  case when t[1] between '0' and '9' and strlen(t) = length(t) and t[-1] not in (')', ']', 'r') and not contains(t, '  ') and not contains(t, e'\t') then t
       else regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(plain_characters(t), '(?i)(:[0-9]{2}) Uhr$', '\1'),
              '(?i)^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? ?([0-9a-z])', '\1'),
              '(?i)(:[0-9.,]+ ?(?:z|(?:utc|gmt)?[+-][0-9:]+))(?:\[[a-z0-9_/+:-]+\]| ?\([^()]*\))$', '\1'),
              '(?i)(:[0-9.,]+)\[(?:utc|gmt|z)\]$', '\1Z'),
              '(:[0-9.,]+(?: ?[AaPp]\.?[Mm]\.?)?) \(([A-Za-z]{3,4})\)$', '\1 \2') end
);

-- Year with four digits: 70 to 99 are 1970 to 1999, 00 to 69 are 2000 to 2069.
create macro full_year(y) as (case when strlen(y) <> 2 then y when y < '70' then '20' || y else '19' || y end);

-- Whether a date begins with the day or the month (either of them).
create macro is_numeric_date(t) as (regexp_matches(t, '^[0-9]{1,2}([./-] ?)[0-9]{1,2}[./-] ?[0-9]{2}([0-9]{2})?([ T,:]|$)'));
create macro is_day_or_month_first(t) as (is_numeric_date(plain_time(t)));

-- Its parts: a and b are day and month in either order, y is the year, rest begins with the time of day.
create macro numeric_date(t) as (regexp_extract(t, '^([0-9]{1,2})[./-] ?([0-9]{1,2})[./-] ?([0-9]{4}|[0-9]{2})([ T,:].*|)$', ['a', 'b', 'y', 'rest']));

-- A date with the name of its month as day, month name, year and rest: 'Mar 5, 2024 15:04' and '2024-Mar-05 15:04' become '5-Mar-2024 15:04',
-- and the Unix date 'Mar 5 15:04:05 CET 2024' becomes '5-Mar-2024 15:04:05 CET'.
create macro month_name_date(t) as (
  regexp_extract(
    case when t[1] between '0' and '9' then regexp_replace(t, '^([0-9]{4})[ /-]([A-Za-z]{3,9})[ /-]([0-9]{1,2})', '\3-\2-\1')
         else regexp_replace(regexp_replace(t, '^([A-Za-z]{3,9}) ([0-9]{1,2}) ([0-9]{1,2}:[0-9:.]+(?: ?[AaPp][Mm])?)( [A-Za-z]{1,5}| ?[+-][0-9:]+)? ([0-9]{4})$', '\2-\1-\5 \3\4'),
                '^([A-Za-z]{3,9})\.?[ -]([0-9]{1,2})(?:st|nd|rd|th)?(?:, ?| |-)[''’]?([0-9]{4}|[0-9]{2})([ T,:].*|)$', '\2-\1-\3\4') end,
    '(?i)^([0-9]{1,2})(?:st|nd|rd|th)?\.?(?: ?[ /-] ?| of |)(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?(?:, ?|[ /-]|)[''’]?([0-9]{4}|[0-9]{2})([ T,:].*|)$',
    ['d', 'm', 'y', 'rest'])
);

-- Number of a month by its English name.
create macro month_number(name) as ((instr('janfebmaraprmayjunjulaugsepoctnovdec', lower(left(name, 3))) + 2) // 3);

-- A plain time as year-month-day and the rest: with month names, digits alone, or day and month in date_order ('dmy', 'mdy').
-- Null if the order is not known; anything else unchanged.
create macro year_first(t, date_order) as (
  -- Two digits each and a four-digit year are cut without a pattern, which takes longer.
  case when (t like '__/__/____%' or t like '__.__.____%' or t like '__-__-____%') and t[4] <> ' ' and t[7] <> ' ' and t[9] between '0' and '9'
       then case when date_order = 'dmy' then concat(substr(t, 7, 4), '-', substr(t, 4, 2), '-', left(t, 2), substr(t, 11)) when date_order = 'mdy' then concat(substr(t, 7, 4), '-', left(t, 2), '-', substr(t, 4, 2), substr(t, 11)) end
       when (t[2] in ('/', '.', '-') and t[3] <= '9') or (t[3] in ('/', '.', '-') and t[4] <= '9')
       then list_transform([numeric_date(t)], lambda each: case when each['a'] = '' then t
              when date_order = 'dmy' then full_year(each['y']) || '-' || each['b'] || '-' || each['a'] || each['rest']
              when date_order = 'mdy' then full_year(each['y']) || '-' || each['a'] || '-' || each['b'] || each['rest'] end)[1]
       when regexp_matches(t, '[A-Za-z]{3}') and (t[1] > '9' or regexp_matches(t, '^[0-9]{1,2}[^0-9:]|^[0-9]{4}[ /-][A-Za-z]'))
       then coalesce(list_transform([month_name_date(t)], lambda each: case when each['d'] <> '' then full_year(each['y']) || '-' || month_number(each['m']) || '-' || each['d'] || each['rest'] end)[1], t)
       when t[5] in ('/', '.') then regexp_replace(t, '^([0-9]{4})[./]([0-9]{1,2})[./]([0-9]{1,2})', '\1-\2-\3')
       when regexp_matches(t, '^[0-9]{8}') then regexp_replace(regexp_replace(t, '^((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})([ T].*|)$', '\1-\2-\3\4'),
              '^((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})([0-9]{6}(?:[.,][0-9]+)?(?:Z|[+-][0-9:]+)?)$', '\1-\2-\3T\4')
       else t end
);

-- Parts of a year-first time: date d, hour h, minute m, second s, fraction f, a or p of a 12-hour clock, zone letters z and offset o.
create macro time_parts(t) as (
  regexp_extract(t, '^([0-9]{4}-[0-9]{1,2}-[0-9]{1,2})(?:(?:[ T:]|, ?(?:at )?| at | - )([0-9]{1,2})(?:(?:[:.h]([0-9]{2}))?(?:[:.]([0-9]{2}))?|([0-9]{2})([0-9]{2})?)(?:[.,]([0-9]+))? ?(?:([AaPp])\.? ?[Mm]\.?)? ?([A-Za-z]{1,5})? ?([+-][0-9]{1,2}(?::?[0-9]{2})?)?(?: [A-Z]{3,5})?)?$',
    ['d', 'h', 'm', 's', 'm2', 's2', 'f', 'p', 'z', 'o'])
);

-- UTC offset of a zone abbreviation of North America, Europe or Australia; empty if unknown.
create macro zone_offset(letters) as (
  case upper(letters) when 'UTC' then '+00:00' when 'GMT' then '+00:00' when 'Z' then '+00:00' when 'WET' then '+00:00' when 'WEST' then '+01:00'
    when 'BST' then '+01:00' when 'CET' then '+01:00' when 'CEST' then '+02:00' when 'MEZ' then '+01:00' when 'MESZ' then '+02:00' when 'EET' then '+02:00' when 'EEST' then '+03:00'
    when 'EST' then '-05:00' when 'EDT' then '-04:00' when 'CST' then '-06:00' when 'CDT' then '-05:00' when 'MST' then '-07:00' when 'MDT' then '-06:00'
    when 'PST' then '-08:00' when 'PDT' then '-07:00' when 'AKST' then '-09:00' when 'AKDT' then '-08:00' when 'HST' then '-10:00'
    when 'AEST' then '+10:00' when 'AEDT' then '+11:00' when 'AWST' then '+08:00' when 'NZST' then '+12:00' when 'NZDT' then '+13:00' else '' end
);

-- Seconds that a zone is ahead of UTC, from its abbreviation and offset; null if unknown or out of range.
create macro zone_seconds(letters, numbers) as (
  case when numbers = '' then list_transform([zone_offset(letters)], lambda each:
         case when each <> '' then (left(each, 1) || '1')::integer * (each[2:3]::integer * 3600 + each[5:6]::integer * 60) end)[1]
       when upper(letters) in ('', 'UTC', 'GMT', 'Z') and (letters <> '' or strlen(numbers) > 2)
       then list_transform([regexp_extract(numbers, '^([+-])([0-9]{1,2}):?([0-9]{2})?$', ['sign', 'h', 'm'])], lambda each:
              case when each['h']::integer <= 15 and coalesce(try_cast(each['m'] as integer), 0) < 60
                   then (each['sign'] || '1')::integer * (each['h']::integer * 3600 + coalesce(try_cast(each['m'] as integer), 0) * 60) end)[1] end
);

-- UTC instant of a local time in zone.
create macro local_instant(local, zone) as (case when zone = 'UTC' then local else first_instant(local, zone) end);

-- UTC instant of such parts: with their own offset, or else local time in zone.
create macro instant_of(parts, zone) as (
  list_transform([try_cast(parts['d'] || case
        when parts['h'] = '' then ''
        when parts['p'] = '' and parts['m'] = '' and parts['m2'] = '' then '?'
        else ' ' || case when parts['p'] = '' then parts['h']
                         when parts['h']::integer between 1 and 12 then (parts['h']::integer % 12 + case when lower(parts['p']) = 'p' then 12 else 0 end)::varchar
                         else '?' end
             || ':' || coalesce(nullif(parts['m'] || parts['m2'], ''), '00') || ':' || coalesce(nullif(parts['s'] || parts['s2'], ''), '00')
             || case when parts['f'] = '' then '' else '.' || parts['f'] end end as timestamp)], lambda local:
    case when parts['z'] <> '' or parts['o'] <> '' then local - to_seconds(zone_seconds(parts['z'], parts['o']))
         else local_instant(local, zone) end)[1]
);

-- UTC instant of seconds, milliseconds or microseconds since 1970, distinguished by the number of digits. Twelve digits that are also
-- a date and a time, such as 202403051504, are neither.
create macro unix_instant(t) as (
  case when t[3] not between '0' and '9' or t[5] not between '0' and '9' or t[9] not between '0' and '9' then null
       when regexp_full_match(t, '[0-9]{9,10}(\.[0-9]+)?') then make_timestamp((t::double * 1000000)::bigint)
       when regexp_full_match(t, '(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])([01][0-9]|2[0-3])[0-5][0-9]') then null
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
       else local_instant(try_cast(t as timestamp), zone) end
);

-- UTC instant of a timestamp in any of these forms.
create macro written_instant(t, date_order, zone) as (
  coalesce(unix_instant(t), list_transform([plain_time(t)], lambda plain:
    list_transform([year_first(plain, date_order)], lambda day: coalesce(
      local_instant(case when day[-1] in ('M', 'm') then try_strptime(day, ['%Y-%m-%d %I:%M %p', '%Y-%m-%d %I:%M:%S %p'])
                         when day like '____-__-__ __:__' or day like '____-__-__ __:__:__' then try_cast(day as timestamp)
                         when regexp_full_match(day, '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2} [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?') then try_cast(day as timestamp) end, zone),
      list_transform([time_parts(day)], lambda parts: instant_of(parts, zone))[1]))[1])[1])
);

-- A date in any of these forms, with or without a time of day.
create macro written_date(t, date_order) as (
  list_transform([year_first(plain_time(t), date_order)], lambda day: try_cast(case when regexp_matches(day, '^[0-9]{4}-') then time_parts(day)['d'] end as date))[1]
);

-- Whether a time has a zone of its own.
create macro shows_zone(t) as (
  list_transform([plain_time(t)], lambda plain: unix_instant(plain) is not null
    or list_transform([time_parts(year_first(plain, 'dmy'))], lambda parts: parts['z'] <> '' or parts['o'] <> '')[1])[1]
);

-- Whether a time is a placeholder for none: year 0 or 1, or the beginning of 1970.
create macro is_zero_time(t) as (
  regexp_matches(t, '^(0000[./-]00[./-]00|00[./-]00[./-]0000|0001[./-]0?1[./-]0?1|0?1[./-]0?1[./-]0001)([ T,]|$)|^0+$|^(1970[./-]0?1[./-]0?1|0?1[./-]0?1[./-]1970)([ T,]+(00:00(:00(\.0+)?)?|12:00(:00)? ?[Aa][Mm])( ?([Zz]|UTC|GMT|[+-][0-9:]+).*)?)?$')
);

-- A date and a time of day from two columns as one text; if one is missing, a text that is not a valid timestamp.
create macro day_and_time(day, clock) as (case when coalesce(day, clock) is not null then coalesce(day, '?') || ' ' || coalesce(clock, '?') end);
