import {
  StreamedBody,
  WholeBody,
  type Exchange,
  type Failure,
  type Outcome,
  type Reply,
  type Transport,
} from "steadfetch"

/**
 * A transport that keeps bodies up to a size within their attempt, so that one that breaks off is fetched again, and
 * hands larger ones and event streams over as they come, so that they need no memory.
 */
export function buffering(transport: Transport, upToBytes: number): Transport {
  return { send: (exchange) => send(transport, exchange, upToBytes), close: () => transport.close() }
}

async function send(transport: Transport, exchange: Exchange, upToBytes: number): Promise<Outcome> {
  if (exchange.reading === "stream") return transport.send(exchange)
  const outcome = await transport.send({ ...exchange, reading: "stream" })
  if (outcome.kind === "failure" || outcome.body.bytes !== undefined || comesAlone(outcome, upToBytes)) return outcome
  return withBeginning(outcome, upToBytes)
}

/** Whether the header already says that the body is too large to keep, or has no end. */
function comesAlone({ headers }: Reply, upToBytes: number): boolean {
  const type = headers.get("content-type") ?? ""
  return Number(headers.get("content-length") ?? 0) > upToBytes || /^text\/event-stream\b/i.test(type)
}

async function withBeginning(reply: Reply, upToBytes: number): Promise<Outcome> {
  const reader = reply.body.stream((failure) => failure).getReader()
  const pieces: Uint8Array[] = []
  for (let length = 0; length <= upToBytes;) {
    const next = await reader.read().catch(asFailure)
    if ("kind" in next) return next
    if (next.done) return { ...reply, body: new WholeBody(new Uint8Array(Buffer.concat(pieces))) }
    pieces.push(next.value)
    length += next.value.byteLength
  }
  return { ...reply, body: new StreamedBody(resumed(pieces, reader), undefined, asFailure) }
}

/** What was read, and then the rest. */
function resumed(pieces: Uint8Array[], reader: ReadableStreamDefaultReader<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const kept = pieces.shift()
        if (kept !== undefined) return controller.enqueue(kept)
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

/** The body was asked to describe its failures as themselves; anything else is a defect. */
export function asFailure(error: unknown): Failure {
  if (typeof error === "object" && error !== null && "kind" in error && error.kind === "failure")
    return error as Failure
  throw error
}
