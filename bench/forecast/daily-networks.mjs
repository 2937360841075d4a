// Daily revenue of generated networks, deterministic by seed: growth, seasons, holidays, outages.

import { random as streamOf } from '../../fixtures/lib/random.mjs';

const day = 86_400_000;

/** Simulates one network day by day. */
function network(seed) {
  const { next: random } = streamOf(`daily network ${seed}`);
  const between = (low, high) => low + (high - low) * random();
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const days = Math.round(between(330, 1800));
  const start = Date.parse('2019-01-01') + Math.floor(between(0, 1000)) * day;

  // Charge points are added singly or in groups; some networks do not grow.
  const installed = new Float64Array(days).fill(Math.round(between(2, 50)));
  const growth = random() < 0.35 ? 0 : between(0.1, 0.8);
  const stepAt = random() < 0.35 ? Math.floor(between(0.3, 0.95) * days) : days;
  const step = Math.round(installed[0] * between(0.3, 1.2));
  for (let at = 1; at < days; at++) {
    const comes = random() < (installed[at - 1] * growth) / 365 ? 1 : 0;
    installed[at] = installed[at - 1] + comes + (at === stepAt ? step : 0);
  }

  const weekend = between(0.4, 1.3);
  const friday = between(0.9, 1.25);
  const yearly = random() < 0.3 ? 0 : between(0.03, 0.3);
  const peak = between(0, 365);
  const drift = between(-0.05, 0.3) / 365;
  const wandering = between(0.003, 0.012);
  const holiday = between(0.4, 0.9);
  const amount = between(4, 18);
  const perPoint = between(0.5, 5);
  let wander = 0;
  let outage = { left: 0, share: 1 };
  const values = [];
  const active = [];
  for (let at = 0; at < days; at++) {
    const date = new Date(start + at * day);
    const [ofYear, weekday] = [(date - Date.UTC(date.getUTCFullYear(), 0, 1)) / day, date.getUTCDay()];
    wander = wander * 0.998 + wandering * normal();
    if (outage.left > 0) outage.left -= 1;
    else if (random() < 2 / 365)
      outage = { left: Math.ceil(between(0, 5)), share: random() < 0.3 ? 0 : between(0.3, 0.8) };
    const season = 1 + yearly * Math.cos((2 * Math.PI * (ofYear - peak)) / 365);
    const week = weekday === 0 || weekday === 6 ? weekend : weekday === 5 ? friday : 1;
    const free =
      ofYear < 1 || ofYear > 357 || (ofYear > 120 && ofYear < 122) || (ofYear > 225 && ofYear < 228) ? holiday : 1;
    const expected =
      installed[at] *
      perPoint *
      season *
      week *
      free *
      Math.exp(wander + drift * at) *
      (outage.left > 0 ? outage.share : 1);
    // More variance than a Poisson distribution, as busy days differ from quiet days.
    const busy = expected * Math.exp(0.1 * normal() - 0.005);
    const sessions = busy < 1e-9 ? 0 : Math.max(0, Math.round(busy + Math.sqrt(busy) * normal()));
    values.push(
      sessions === 0
        ? 0
        : Math.max(0, Math.round((sessions * amount + Math.sqrt(sessions) * amount * 0.6 * normal()) * 100) / 100),
    );
    active.push(installed[at]);
  }
  return { name: `network ${seed}`, firstDay: new Date(start).toISOString().slice(0, 10), values, active };
}

/** Networks with seeds from 1. */
export const networks = (count, seed) => Array.from({ length: count }, (_, at) => network(seed + at));
