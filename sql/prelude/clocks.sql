-- Local times that the clock skips or repeats, for imports and for the first second of a local day.

-- Microseconds on the clocks of a zone at us microseconds since 1970 UTC.
create macro local_micros(us, zone) as (epoch_us(timezone(zone, make_timestamptz(us))));

-- UTC instant of a local time in a zone; the first of two where the clock goes back, by up to 3 hours. A time that the clock skips
-- counts as if the clock had not gone forward.
create macro first_pass(us, local, zone) as (
  us - case when local_micros(us + local - 10800000000 - local_micros(us - 10800000000, zone), zone) = local then local_micros(us - 10800000000, zone) + 10800000000 - local else 0 end
);
create macro first_instant(local, zone) as (
  make_timestamp(case when local_micros(epoch_us(timezone(zone, local)) - 10800000000, zone) + 10800000000 > epoch_us(local)
                      then first_pass(epoch_us(timezone(zone, local)), epoch_us(local), zone) else epoch_us(timezone(zone, local)) end)
);

-- Microseconds until the clocks of a zone show the same time again, if they go back within 3 hours; else 0.
create macro micros_to_second_pass(us, zone) as (local_micros(us, zone) + 10800000000 - local_micros(us + 10800000000, zone));

-- The second instant with the local time of an instant; the instant itself if it occurs once.
create macro second_instant(instant, zone) as (
  case when micros_to_second_pass(epoch_us(instant), zone) > 0
            and local_micros(epoch_us(instant) + micros_to_second_pass(epoch_us(instant), zone), zone) = local_micros(epoch_us(instant), zone)
       then make_timestamp(epoch_us(instant) + micros_to_second_pass(epoch_us(instant), zone)) else instant end
);
