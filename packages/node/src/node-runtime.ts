import type { Runtime } from "steadfetch"
import { nodeClock } from "./node-clock.ts"
import { PublishedEvents } from "./published-events.ts"

/** Node's timers, and events on its diagnostics channels, unless a test brings its own. */
export function nodeRuntime(given: Partial<Runtime> | undefined): Partial<Runtime> {
  return {
    clock: nodeClock,
    // Asked for once per client: those that `extend` derives with other policies have listeners of their own.
    get events() {
      return new PublishedEvents()
    },
    ...given,
  }
}
