/**
 * Lets one run of a task serve all who ask for it while it is under way. A failure reaches all of them, and the next to
 * ask starts anew.
 */
export function singleFlight<T>(task: () => Promise<T>): () => Promise<T> {
  let flight: Promise<T> | undefined
  return () => {
    flight ??= task().finally(() => {
      flight = undefined
    })
    return flight
  }
}
