select max(currency), sum(amount_paid), sum(amount_paid) filter (done)::double / count(*) filter (done), count(*) filter (done),
       avg(date_diff('second', start_time, end_time)) filter (done) / 60
from (select *, end_time >= start_time and energy_kwh > 0 and coalesce(status not ilike 'failed' and status not ilike 'invalid', true) as done from charging_sessions)
