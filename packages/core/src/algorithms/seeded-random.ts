/**
 * Random numbers from 0 up to but not including 1 that are the same for the same seed, on every machine
 * (Mulberry32, T. Ettinger, public domain). Good enough for jitter and tests; not for secrets.
 * @param seed Any integer; its lowest 32 bits count.
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
