import { systemRuntime, type Runtime } from "steadfetch"

/** By real time all that is due has been so for hours: engines that go by that have nothing to wait for. */
const BEHIND_MS = 12 * 3_600_000

/**
 * The machine's runtime, whose time runs so many times as fast since an instant that all processes of a torture share. A
 * lease of a minute ends after seconds, so that what killed workers held is delivered under fire.
 */
export function scaledRuntime(epoch: number, speed: number): Runtime {
  const runtime = systemRuntime()
  const { clock } = runtime
  return {
    ...runtime,
    clock: {
      now: () => clock.now() * speed,
      date: () => epoch - BEHIND_MS + (clock.date() - epoch) * speed,
      after: (delayMs, run) => clock.after(delayMs / speed, run),
    },
  }
}
