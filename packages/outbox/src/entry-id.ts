import type { Runtime } from "steadfetch"

/** Ids that one process makes within a millisecond are told apart, and sorted, by this many bits (RFC 9562 §6.2, method 1). */
const COUNTER_BITS = 12

/** Makes UUIDs of version 7 (RFC 9562 §5.7), each greater than the one before. */
export function entryIds({ clock, random }: Pick<Runtime, "clock" | "random">): () => string {
  let lastMs = 0
  let counter = 0
  return () => {
    const now = Math.floor(clock.date())
    if (now > lastMs) {
      lastMs = now
      // From the lower half, so that there is room to count.
      counter = Math.floor(random() * 2 ** (COUNTER_BITS - 1))
    } else {
      counter += 1
      // The clock stands still, or was set back: the next millisecond is borrowed.
      if (counter === 2 ** COUNTER_BITS) {
        lastMs += 1
        counter = 0
      }
    }
    const time = hex(lastMs, 12)
    const variant = hex(0x8000 + Math.floor(random() * 0x4000), 4)
    const rest = hex(Math.floor(random() * 2 ** 24), 6) + hex(Math.floor(random() * 2 ** 24), 6)
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(counter, 3)}-${variant}-${rest}`
  }
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0")
}
