-- Tokens and what was asked: no file tells of them, the server writes them itself.
insert into tokens values
  ('dash', 'h1', 'read', 20, '2024-03-01 09:00:00', null),
  ('exporter', 'h2', 'append', null, '2024-03-01 10:00:00', null),
  ('late', 'h3', 'admin', 5, '2024-05-01 00:00:00', null),
  ('old', 'h4', 'read,append', 3, '2024-02-01 00:00:00', '2024-03-30 12:00:00');

insert into requests values
  ('2024-03-30 11:00', 'old', 'GET /v0/pipes/a.json', 200, 3, 6),
  ('2024-03-30 11:30', 'old', 'GET /v0/pipes/a.json', 429, 2, 1),
  -- In Berlin 31 March begins at 23:00 UTC of the 30th and ends at 22:00.
  ('2024-03-30 22:59', 'dash', 'GET /v0/pipes/a.json', 200, 4, 9),
  ('2024-03-30 23:00', 'dash', 'GET /v0/pipes/a.json', 200, 2, 5),
  ('2024-03-31 10:00', 'dash', 'GET /v0/pipes/a.json', 200, 3, 7),
  ('2024-03-31 10:00', 'dash', 'GET /v0/pipes/a.json', 400, 1, 1),
  ('2024-03-31 10:05', 'dash', 'GET /v0/pipes/b.json', 200, 3, 8),
  ('2024-03-31 10:05', 'dash', 'GET /v0/pipes/b.json', 429, 7, 2),
  ('2024-03-31 10:05', 'exporter', 'POST /v0/events', 202, 50, 90),
  ('2024-03-31 10:05', null, 'GET unknown', 404, 2, 1),
  ('2024-03-31 10:06', 'dash', 'GET /v0/pipes/b.json', 0, 1, 0),
  ('2024-03-31 21:59', 'dash', 'GET /v0/pipes/c.json', 499, 1, 3),
  ('2024-03-31 22:00', 'dash', 'GET /v0/pipes/a.json', 200, 5, 9),
  -- 27 October has 25 hours there: from 22:00 UTC of the 26th to 23:00.
  ('2024-10-26 22:00', 'exporter', 'POST /v0/events', 202, 1, 2),
  ('2024-10-27 22:59', 'exporter', 'POST /v0/events', 202, 2, 4),
  ('2024-10-27 23:00', 'exporter', 'POST /v0/events', 202, 4, 8);

-- Twelve routes: eleven asked twice, the last one five times.
insert into requests
select '2024-04-10 08:00', 'exporter', format('GET /v0/pipes/k{:02d}.json', k), 200, case k when 12 then 5 else 2 end, 1
from range(1, 13) as routes(k);

insert into prunes values
  (1, 'meter', '2024-01-01 00:00:00', 120, 0, '2024-03-31 09:00:00'),
  (2, 'heartbeat', '2024-03-01 12:00:00', 5000, 3, '2024-04-01 09:00:00'),
  (2, 'meter', '2024-01-02 00:00:00', 40, 1, '2024-04-01 09:00:00');
