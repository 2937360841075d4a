/*---
title: Notes on the tariff of statements
description: What monthly_statement does not apply of the tariff that was chosen, one text per row.
params:
  tariff_id: { description: Tariff whose price per kWh to use instead of the amounts paid, example: tariff_day }
columns:
  note: { description: Note on the answer }
---*/
select case when price_per_kwh is null then 'Tariff ' || tariff_id || ' has no price per kWh: amounts are empty.'
            else 'Tariff ' || tariff_id || ' also has other prices: only its price per kWh is applied.' end as note
from tariffs
where tariff_id = $tariff_id::varchar
  and (price_per_kwh is null or coalesce(price_per_minute, 0) <> 0 or coalesce(price_flat, 0) <> 0 or coalesce(price_per_parking_minute, 0) <> 0
       or elements is not null)
