import type { Signal } from "../../cancellation.ts"

/**
 * The pieces of a body, each when it is asked for. Whoever reads no further frees the connection, and so does the signal:
 * also that of a body which does not heed it by itself.
 * @throws What the body breaks off with; the signal's reason.
 */
export async function* pieces(
  body: ReadableStream<Uint8Array>,
  signal: Signal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader()
  const letGo = (): void => void reader.cancel().catch(() => {})
  signal.addEventListener("abort", letGo)
  let isWhole = false
  try {
    for (;;) {
      if (signal.aborted) throw signal.reason
      const { done, value } = await reader.read()
      if (!done) yield value
      else if (!signal.aborted) {
        isWhole = true
        return
      }
    }
  } finally {
    signal.removeEventListener("abort", letGo)
    if (!isWhole) letGo()
  }
}
