// Random values from a seed, so that an attack can be repeated.

/** Random numbers from 0 to 1 (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Functions for random choices. */
export function chooser(seed) {
  const random = randomFrom(seed);
  const below = (max) => Math.floor(random() * max);
  const pick = (list) => list[below(list.length)];
  const chance = (share) => random() < share;
  const times = (max, make) => Array.from({ length: below(max + 1) }, make);
  return { below, pick, chance, times };
}
