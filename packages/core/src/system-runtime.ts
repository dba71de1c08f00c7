import { Events, type Listeners } from "./events.ts"
import { systemPageOrigin, systemRandom, systemUniqueId, type Runtime } from "./runtime.ts"
import { systemClock } from "./system-clock.ts"

/** The machine's time, randomness and place, with what a test gives in their stead. */
export function systemRuntime(listeners: Listeners = {}, given: Partial<Runtime> = {}): Runtime {
  const { events = new Events() } = given
  events.onAll(listeners)
  return {
    clock: systemClock,
    random: systemRandom,
    uniqueId: systemUniqueId,
    pageOrigin: systemPageOrigin(),
    ...given,
    events,
  }
}
