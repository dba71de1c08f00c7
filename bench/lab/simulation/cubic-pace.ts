import type { Handler, Policy } from "steadfetch"

const BETA = 0.7
const SCALE = 0.4

/**
 * The adaptive mode of the AWS SDKs: a token bucket whose rate is cut to 0.7 of what was measured when the server throttles,
 * and climbs back along a cubic curve, never above twice what is measured. Measured is a smoothed count of each half second.
 */
export function cubicPace(): Policy {
  return {
    name: "pace",
    scope: "gate",
    wrap(next: Handler, { clock }) {
      const startedAt = clock.now()
      const seconds = (): number => (clock.now() - startedAt) / 1000
      let isActive = false
      let fill = 0.5
      let measured = 0
      let count = 0
      let lastHalf = 0
      let wmax = 0
      let throttledAt = 0
      /** The instant, in seconds, from which the next attempt may go. */
      let freeAt = 0

      const measure = (): void => {
        count++
        const half = Math.floor(seconds() * 2) / 2
        if (half <= lastHalf) return
        measured = measured * 0.2 + (count / (half - lastHalf)) * 0.8
        count = 0
        lastHalf = half
      }
      const learn = (isThrottled: boolean): void => {
        measure()
        if (isThrottled) {
          wmax = isActive ? Math.min(measured, fill) : measured
          throttledAt = seconds()
          isActive = true
          fill = wmax * BETA
        } else if (isActive) {
          const peakAfter = Math.cbrt((wmax * (1 - BETA)) / SCALE)
          fill = SCALE * (seconds() - throttledAt - peakAfter) ** 3 + wmax
        }
        fill = Math.max(0.5, Math.min(fill, 2 * measured))
      }
      return async (exchange) => {
        if (isActive) {
          // The bucket holds what one second gives.
          const at = Math.max(seconds() - 1, freeAt)
          freeAt = at + 1 / fill
          await new Promise<void>((resolve) => clock.after((at - seconds()) * 1000, resolve))
        }
        const outcome = await next(exchange)
        learn(outcome.kind === "reply" && (outcome.status === 429 || outcome.status === 503))
        return outcome
      }
    },
  }
}
