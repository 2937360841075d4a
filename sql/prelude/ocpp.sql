-- JSON, OCPP and OCPI values as files write them, for mappings. For input it does not understand, a macro returns null or the
-- unchanged text; the cast of the column then reports the error.

-- A member of a JSON object; anything else unchanged.
create macro member(t, path) as (case when json_valid(t) then case when json_type(t) = 'OBJECT' then json_extract_string(t, path) else t end else t end);

-- Sum of members of the objects in a JSON list, as text; only of objects whose member at path has a value, unless path is null.
create macro summed_members(items, members, path, value) as (
  case when json_valid(items) then case when json_type(items) = 'ARRAY' then
    list_sum(flatten(list_transform(
      list_filter(json_extract(items, '$[*]'), lambda each: path is null or coalesce(json_extract_string(each, path) = value, false)),
      lambda each: list_transform(members, lambda name: try_cast(json_extract_string(each, name) as decimal(18, 6))))))::varchar end end
);

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

-- The connector of an OCPP 2.0.1 call as evse/connector, or the EVSE alone; the connector of an OCPP 1.6 call.
create macro ocpp_connector(frame) as (
  case when json_valid(frame) then coalesce(
    coalesce(json_extract_string(frame, '$[3].evse.id'), json_extract_string(frame, '$[3].evseId'))
      || coalesce('/' || coalesce(json_extract_string(frame, '$[3].evse.connectorId'), json_extract_string(frame, '$[3].connectorId')), ''),
    json_extract_string(frame, '$[3].connectorId')) end
);

-- The number of a sampled value, with the multiplier of OCPP 2.0.1.
create macro ocpp_value(sampled) as (
  case when coalesce(json_extract_string(sampled, '$.unitOfMeasure.multiplier'), '0') = '0' then json_extract_string(sampled, '$.value')
       else (try_cast(json_extract_string(sampled, '$.value') as double) * pow(10, try_cast(json_extract_string(sampled, '$.unitOfMeasure.multiplier') as double)))::varchar end
);

-- The first total reading (not of a single phase) in an OCPP MeterValues call or TransactionEvent, with its unit.
create macro ocpp_reading(frame, measurand) as (
  case when json_valid(frame) then list_transform(
    list_filter(json_extract(frame, '$[3].meterValue[*].sampledValue[*]'), lambda each:
      coalesce(json_extract_string(each, '$.measurand'), 'Energy.Active.Import.Register') = measurand and json_extract_string(each, '$.phase') is null),
    lambda each: concat_ws(' ', ocpp_value(each), nullif(coalesce(json_extract_string(each, '$.unit'), json_extract_string(each, '$.unitOfMeasure.unit')), 'Percent')))[1] end
);

-- A value, such as the price, of the first OCPI tariff component for a dimension that applies without restrictions.
create macro ocpi_component(elements, dimension, path) as (
  case when json_valid(elements) then json_extract_string(
    list_filter(flatten(list_transform(
        list_filter(json_extract(elements, '$[*]'), lambda each: coalesce(json_extract_string(each, '$.restrictions'), '{}') = '{}'),
        lambda each: json_extract(each, '$.price_components[*]'))),
      lambda each: json_extract_string(each, '$.type') = dimension)[1], path) end
);
