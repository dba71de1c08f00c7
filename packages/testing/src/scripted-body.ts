import { failure, type Clock, type Signal } from "steadfetch"
import type { ScriptedReply } from "./scripted-step.ts"

/** Where a body comes from and what ends it early. */
export interface BodySetting {
  readonly clock: Clock
  readonly signal: Signal | undefined
  /** Told once when nothing of the body is held any more: it was read, broke off, was cancelled or aborted. */
  readonly ended: () => void
}

/** A reply's body that arrives on the virtual clock. It is made as it is read: a reader that pauses pauses the sender. */
export function scriptedBody(
  bytes: Uint8Array<ArrayBuffer>,
  parts: ScriptedReply,
  { clock, signal, ended }: BodySetting,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { trickle = { chunkBytes: bytes.length, gapMs: 0 }, breaksAfterBytes, stallsAfterBytes } = parts
  const end = Math.min(bytes.length, breaksAfterBytes ?? bytes.length, stallsAfterBytes ?? bytes.length)
  let sent = 0
  let callOff = (): void => {}
  let abort = (): void => {}
  const over = (): void => {
    callOff()
    signal?.removeEventListener("abort", abort)
    ended()
  }
  return new ReadableStream(
    {
      start(controller) {
        abort = () => {
          over()
          controller.error(signal?.reason)
        }
        if (signal?.aborted === true) abort()
        else signal?.addEventListener("abort", abort)
      },
      async pull(controller) {
        if (sent < end) {
          if (trickle.gapMs > 0) await new Promise<void>((resolve) => (callOff = clock.after(trickle.gapMs, resolve)))
          controller.enqueue(bytes.slice(sent, (sent = Math.min(end, sent + trickle.chunkBytes))))
          return
        }
        if (breaksAfterBytes !== undefined) {
          over()
          controller.error(failure("broken-body", `the body broke off after ${end} bytes`))
        } else if (stallsAfterBytes === undefined) {
          over()
          controller.close()
        } else await new Promise(() => {})
      },
      cancel: over,
    },
    { highWaterMark: 0 },
  )
}
