import { CallRecord, Cancellation, failure, type Exchange, type Handler, type Runtime } from "steadfetch"

/** Nobody waits for it, but it must not go on for ever. */
const MOST_MS = 60_000

/** Sends a call's request as a call of its own: with its own story and bound, and untouched by the caller's abort. */
export async function inBackground(exchange: Exchange, { clock, events }: Runtime, send: Handler): Promise<void> {
  const { request } = exchange
  const cancellation = new Cancellation(undefined)
  const disarm = clock.after(MOST_MS, () => {
    const message = `the renewal of a stale reply took longer than ${MOST_MS} ms`
    cancellation.cancel(failure("timeout", message, undefined, { limit: "deadline" }))
  })
  const record = new CallRecord(
    "GET",
    request.url,
    clock.date(),
    (text) => exchange.record.redact(text),
    exchange.record.template,
  )
  const renewal: Exchange = {
    ...exchange,
    request: { ...request, method: "GET" },
    signal: cancellation,
    deadlineAt: clock.now() + MOST_MS,
    watch: undefined,
    record,
  }
  if (events.heard("call-started")) events.emit("call-started", { call: record })
  let outcome: Awaited<ReturnType<Handler>> | undefined
  try {
    outcome = await send(renewal)
  } finally {
    disarm()
    if (events.heard("call-ended")) events.emit("call-ended", { call: record, outcome })
  }
}
