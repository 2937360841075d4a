-- Numbers as files write them, for mappings and casts on import. For input it does not understand, a macro returns null or the
-- unchanged text; the cast of the column then reports the error.

-- A number times a factor, as text: 0.001 converts watt-hours to kilowatt-hours. The import applies the factor when it knows the
-- decimal mark.
create macro times(t, factor) as (case when regexp_matches(t, '[0-9]') then t || '×' || factor else t end);

-- The difference of two meter readings, as text; null if a reading is missing or the meter ran backwards.
create macro meter_difference_text(first, last) as (
  case when try_cast(last as decimal(18, 3)) >= try_cast(first as decimal(18, 3))
       then regexp_replace((try_cast(last as decimal(18, 3)) - try_cast(first as decimal(18, 3)))::varchar, '\.0+$', '') end
);

-- Sum of numbers without units, as text: b and c may be null. Without b and c, a is unchanged; if one is not a number, all are joined
-- by ' + ', which no cast can read.
create macro added_texts(a, b, c) as (
  case when coalesce(try_cast(coalesce(b, '0') as decimal(18, 6)) = 0, false) and coalesce(try_cast(coalesce(c, '0') as decimal(18, 6)) = 0, false) then a
       else coalesce((try_cast(coalesce(a, '0') as decimal(18, 6)) + try_cast(coalesce(b, '0') as decimal(18, 6)) + try_cast(coalesce(c, '0') as decimal(18, 6)))::varchar, concat_ws(' + ', a, b, c)) end
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
  case when regexp_full_match(t, '[+-]?[0-9]{1,3}([ ''’][0-9]{3})+([.,][0-9]+)?') then plain_marks(regexp_replace(t, '[ ''’]', '', 'g'), decimal_mark)
       else plain_marks(t, decimal_mark) end
);

-- A quantity without its unit or currency sign, and without a space after its sign.
create macro without_unit(t, unit) as (
  regexp_replace(case when unit in ('kWh', 'Wh', 'kW', 'W') then regexp_replace(t, '(?i) ?[km]?wh?$', '')
       when unit = 'currency' then regexp_replace(t, '(?i)^([+-]?) ?(?:(?:[A-Z]{1,2})?[$€£¥]|[A-Z]{3}|euros?|kr\.?|zł|kč|fr\.?) ?|\s*(?:(?:[A-Z]{1,2})?[$€£¥]|[A-Z]{3}|euros?|kr\.?|zł|kč|fr\.?)$', '\1', 'g')
       when unit = 'percent' then rtrim(t, ' %')
       else t end, '^([+-]) ', '\1')
);

-- Factor from the unit in the text to the target unit; null if the two are incompatible. In any case of letters, M is mega.
create macro unit_factor(t, unit) as (
  case when unit not in ('kWh', 'Wh', 'kW', 'W') or not regexp_matches(t, '[A-Za-z]$') then 1
       else case upper(regexp_extract(t, '(?i)([km]?wh?)$')) || '>' || unit
              when 'KWH>kWh' then 1 when 'WH>kWh' then 0.001 when 'MWH>kWh' then 1000 when 'WH>Wh' then 1 when 'KWH>Wh' then 1000 when 'MWH>Wh' then 1000000
              when 'KW>kW' then 1 when 'W>kW' then 0.001 when 'MW>kW' then 1000 when 'W>W' then 1 when 'KW>W' then 1000 when 'MW>W' then 1000000 end end
);

-- A number times a factor. Divides by 1000, because 0.001 is not exact: 700 Wh are 0.7 kWh, not 0.7000000000000001.
create macro scaled(x, factor) as (case when factor = 0.001 then x / 1000::double else x * factor::double end);

-- A quantity in the target unit: '17 kWh', '17000 Wh' and '0.017 MWh' are 17 kWh; '€ 1.50', '1.50 EUR' and '$1.50' are 1.50; '80 %' is 80.
-- The lambdas evaluate their arguments once; a macro argument would be copied to every place that uses it.
create macro written_quantity(t, unit, decimal_mark) as (
  list_transform([plain_characters(t)], lambda plain:
    scaled(list_transform([without_unit(plain, unit)], lambda digits: try_cast(plain_digits(digits, decimal_mark) as double))[1], unit_factor(plain, unit)))[1]
);

-- The same for a text that `times` may have given a factor.
create macro written_number(t, unit, decimal_mark) as (
  case when contains(t, '×') then scaled(written_quantity(split_part(t, '×', 1), unit, decimal_mark), try_cast(split_part(t, '×', 2) as double))
       else written_quantity(t, unit, decimal_mark) end
);

-- The decimal mark that a number shows: ',' for '12,5', '.' for '12.5', '?,' for '1,234' and '?.' for '1.234', which may be thousands;
-- null without a mark.
create macro shown_mark(t, unit) as (
  list_transform([regexp_replace(without_unit(plain_characters(split_part(t, '×', 1)), unit), '^[+-]|[ ''’]', '', 'g')], lambda digits:
    case when not regexp_matches(digits, '[.,][0-9]') then null
         when regexp_full_match(digits, '[1-9][0-9]{0,2},[0-9]{3}') then '?,'
         when regexp_full_match(digits, '[1-9][0-9]{0,2}\.[0-9]{3}') then '?.'
         when regexp_full_match(digits, '[0-9]*,[0-9]+|[0-9]{1,3}(\.[0-9]{3})+,[0-9]*|[1-9][0-9]{0,2}(\.[0-9]{3}){2,}') then ','
         when regexp_full_match(digits, '([0-9]*\.[0-9]+|[0-9]{1,3}(,[0-9]{3})+\.[0-9]*|[1-9][0-9]{0,2}(,[0-9]{3}){2,})([eE][+-]?[0-9]+)?') then '.' end)[1]
);

-- Whether a number can only be read if its decimal mark is known: '12,5', '1,234' or '1.234.567'.
create macro needs_decimal_mark(t, unit) as (regexp_matches(t, ',|\..*\.') and shown_mark(t, unit) is not null);

-- ISO 4217 code of a currency: in upper case, and for signs and names that only one currency has; anything else unchanged.
create macro currency_code(t) as (
  case when regexp_full_match(t, '[A-Z]{3}') then t
       else list_transform([upper(trim_text(t))], lambda code: case code
              when '€' then 'EUR' when 'EURO' then 'EUR' when 'EUROS' then 'EUR' when '£' then 'GBP' when 'US$' then 'USD' when 'CA$' then 'CAD' when 'AU$' then 'AUD'
              when 'A$' then 'AUD' when 'NZ$' then 'NZD' when 'HK$' then 'HKD' when 'R$' then 'BRL' when '₹' then 'INR' when '₺' then 'TRY' when '₴' then 'UAH'
              when '₪' then 'ILS' when '₽' then 'RUB' when 'ZŁ' then 'PLN' when 'KČ' then 'CZK' else code end)[1] end
);

-- Whether a text is a code of ISO 4217, current or replaced by the euro since 2014.
create macro is_iso_4217(code) as (
  -- The most frequent ones first: the long list is slow.
  case when code in ('EUR', 'USD', 'GBP') then true else code in ('CHF', 'SEK', 'NOK', 'DKK', 'CAD', 'AUD', 'PLN', 'CZK', 'AED', 'AFN', 'ALL', 'AMD', 'ANG', 'AOA', 'ARS', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT',
    'BGN', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CDF', 'CLF', 'CLP', 'CNY', 'COP', 'CRC', 'CUC', 'CUP', 'CVE', 'DJF', 'DOP', 'DZD',
    'EGP', 'ERN', 'ETB', 'FJD', 'FKP', 'GEL', 'GHS', 'GIP', 'GMD', 'GNF', 'GTQ', 'GYD', 'HKD', 'HNL', 'HRK', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'JMD',
    'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LTL', 'LVL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK',
    'MNT', 'MOP', 'MRU', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PYG', 'QAR', 'RON', 'RSD',
    'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDG', 'SGD', 'SHP', 'SLE', 'SOS', 'SRD', 'SSP', 'STN', 'SVC', 'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TND', 'TOP', 'TRY', 'TTD', 'TWD',
    'TZS', 'UAH', 'UGX', 'UYU', 'UZS', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XCG', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMW', 'ZWG', 'ZWL') end
);

-- AC or DC of a text that names one of the two, such as 'DC Fast', 'AC Level 2' or AC_3_PHASE; null for anything else.
create macro ac_or_dc(t) as (
  case when regexp_matches(t, '(?i)(^|[^a-z])ac([^a-z]|$)') and regexp_matches(t, '(?i)(^|[^a-z])dc(fc)?([^a-z]|$)') then null
       else nullif(upper(regexp_extract(t, '(?i)^(ac|dc)(?:fc)?(?:[^a-z].*)?$', 1)), '') end
);
