-- Rewords the reasons of quarantined rows like those of new rows.
update quarantine set reason = case
    when reason in ('is no number', 'is no number, or too large') then 'not a valid number'
    when reason = 'is no whole number' then 'not a valid integer'
    when reason = 'is neither true nor false' then 'must be true or false'
    when reason = 'is no date and time' then 'not a valid timestamp'
    when reason = 'is no date' then 'not a valid date'
    when reason = 'is no JSON' then 'not valid JSON'
    when reason = 'is no JSON object' then 'not a JSON object'
    when reason = 'is not valid UTF-8' then 'not valid UTF-8'
    when reason = 'is no IANA time zone' then 'not an IANA time zone'
    when reason = 'names something that is no metric of customers' then 'uses an unknown metric'
    when reason = 'has more than comparisons of metrics with numbers or quoted texts, AND, OR, NOT and parentheses'
      then 'may contain only comparisons of metrics with numbers or quoted strings, AND, OR, NOT and parentheses'
    when reason = 'is no whole condition' then 'not a complete condition'
    else regexp_replace(reason, '^is none of ', 'must be one of ') end
where reason like 'is no%' or reason in ('is neither true nor false', 'names something that is no metric of customers',
  'has more than comparisons of metrics with numbers or quoted texts, AND, OR, NOT and parentheses');
