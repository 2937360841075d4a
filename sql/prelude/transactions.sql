-- Macros to compute sessions from OCPP transactions, for sql/derived/.

-- The meter values of an OCPP message as structs; none if it has none.
create macro ocpp_meter_values(list) as coalesce(json_transform(list, '[{"timestamp": "VARCHAR", "sampledValue": [{"value": "VARCHAR", "measurand": "VARCHAR",
  "context": "VARCHAR", "phase": "VARCHAR", "location": "VARCHAR", "unit": "VARCHAR", "unitOfMeasure": {"unit": "VARCHAR", "multiplier": "VARCHAR"}}]}]'), []);

-- A text as a number; null if it is none, infinite or NaN.
create macro finite_number(t) as (case when isfinite(try_cast(t as double)) then try_cast(t as double) end);

-- A time in ISO 8601 as UTC; null for other text. A time as ISO 8601 in UTC.
create macro utc_time(t) as (case when regexp_matches(t, '^[0-9]{4}-') then timezone('UTC', try_cast(t as timestamptz)) end);
create macro iso_utc(t) as (replace(t::varchar, ' ', 'T') || 'Z');

-- Whether two sessions of a charge point with the same transaction ID are one: IDs are reused, 0 and -1 are none, and clocks are in
-- other time zones.
create macro is_same_transaction(transaction_id, start_time, other_start) as (
  transaction_id not in ('0', '-1') and abs(epoch_us(start_time) - epoch_us(other_start)) <= 36 * 3600000000
);

-- Whether a meter can have come from one reading to another, at 1 MW at most; true if a reading is missing.
create macro meter_fits(meter_wh, meter_start, start_time, end_time) as coalesce(
  meter_wh between meter_start and meter_start + 1000 + 1000000 * greatest(epoch(end_time - start_time), 0) / 3600, true);

-- Number of the 5 minutes in which a session starts.
create macro start_slot(start_time) as (epoch_us(start_time) // 300000000);

-- Whether two sessions of a charge point are one by their times: they overlap and start at most 5 minutes apart on one connector,
-- or at most 1 minute apart if the connector of either is not known.
create macro is_same_session(connector_id, start_time, end_time, other_connector, other_start, other_end) as (
  (connector_id is null or other_connector is null or connector_id = other_connector)
  and abs(epoch_us(start_time) - epoch_us(other_start)) <= case when connector_id is null or other_connector is null then 60000000 else 300000000 end
  and (end_time is null or end_time >= other_start) and (other_end is null or other_end >= start_time)
);
