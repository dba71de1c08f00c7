import { EventReader, type EventFields } from "../../../algorithms/event-reader.ts"
import { reconnectMs } from "../../../algorithms/reconnect-delay.ts"
import type { Call, CallContext } from "../../../call.ts"
import type { CallOutcome } from "../../../call-outcome.ts"
import { pause, type Signal } from "../../../cancellation.ts"
import { NoReplyError, type CallError } from "../../../errors.ts"
import { headerList, mergeHeaders } from "../../../headers.ts"
import { failure } from "../../../outcome.ts"
import type { ReceivedReply } from "../../../received-reply.ts"
import { lastEventIdField, type EventSettings, type EventStream, type ServerSentEvent } from "./event-options.ts"
import { pieces } from "../pieces.ts"
import { Stoppable } from "../stoppable.ts"

const EVENT_STREAM = /^\s*text\/event-stream\s*(;|$)/i

/** The shortest wait that a server can ask for: "retry: 0" is no invitation to ask without a break. */
const SHORTEST_RETRY_MS = 100

/** A connection that held so long was a good one, also without events. */
const LONG_HELD_MS = 30_000

/** The events of a call, over as many connections as it takes. */
export class EventStreamOfCall extends Stoppable<ServerSentEvent> implements EventStream {
  readonly #context: CallContext
  readonly #settings: EventSettings
  #lastEventId: string
  #afterMs: number
  #wasOpen = false
  /** Reconnections without an event since. */
  #inARow = 0

  constructor(call: Call, settings: EventSettings) {
    super(call.context.options.signal)
    this.#context = call.context
    this.#settings = settings
    this.#lastEventId = settings.lastEventId
    this.#afterMs = settings.reconnect?.afterMs ?? 0
  }

  get lastEventId(): string {
    return this.#lastEventId
  }

  protected async *run(signal: Signal): AsyncGenerator<ServerSentEvent, void, undefined> {
    for (;;) {
      const ending = yield* this.#connection(signal)
      if (ending === undefined) return
      await this.#wait(ending, signal)
    }
  }

  /** The events of one connection; gives what it ended with, where it is to be followed by another one. */
  async *#connection(signal: Signal): AsyncGenerator<ServerSentEvent, CallError | undefined, undefined> {
    const outcome = await this.#request(signal).context.send("stream", "text/event-stream")
    if (outcome.kind !== "success") {
      if (this.#settings.reconnect === undefined || !this.#wasOpen || !comesBack(outcome)) throw outcome.error
      return outcome.error
    }
    const reply = outcome as typeof outcome & ReceivedReply
    if (reply.status === 204) return discarded(reply)
    if (!EVENT_STREAM.test(reply.headers.get("content-type") ?? "")) throw await unexpected(reply, signal)
    this.#opened(reply)
    const { clock } = this.#context.runtime
    const openedAt = clock.now()
    try {
      return yield* this.#events(reply, signal)
    } catch (error) {
      if (this.#settings.reconnect === undefined || !(error instanceof NoReplyError)) throw error
      return error
    } finally {
      if (clock.now() - openedAt >= LONG_HELD_MS) this.#inARow = 0
    }
  }

  #request(signal: Signal): Call {
    const { method, url, options, runtime } = this.#context
    // As EventSource does, except where another origin would have to allow it first.
    const fresh: [string, string][] = runtime.pageOrigin === undefined ? [["cache-control", "no-cache"]] : []
    const own = mergeHeaders(fresh, headerList(options.headers))
    const headers = mergeHeaders(own, lastEventIdField(this.#lastEventId))
    return this.#context.request(method, url, { ...options, headers, timeout: this.#settings.timeout, signal })
  }

  #opened(reply: ReceivedReply): void {
    this.#wasOpen = true
    const { url, status, headers } = reply
    try {
      this.#settings.onOpen?.({ url, status, headers, lastEventId: this.#lastEventId })
    } catch (error) {
      discarded(reply)
      throw error
    }
  }

  async *#events(
    reply: ReceivedReply,
    signal: Signal,
  ): AsyncGenerator<ServerSentEvent, CallError | undefined, undefined> {
    const { reconnect, maxEventBytes, isLast, sentinel } = this.#settings
    const reader = new EventReader(this.#lastEventId, maxEventBytes, () => {
      throw reply.bodyError(`an event is longer than ${maxEventBytes} bytes; raise maxEventBytes`)
    })
    let count = 0
    const soFar = (): string =>
      `after ${count} event${count === 1 ? "" : "s"} (last event id: ${JSON.stringify(this.#lastEventId)})`
    const body = reply.stream((failure) => ({ ...failure, message: `${failure.message}, ${soFar()}` }))
    for await (const piece of pieces(body, signal)) {
      reader.feed(piece)
      for (let fields = reader.next(); fields !== undefined; fields = reader.next()) {
        const event = new ReceivedEvent(fields, reply)
        this.#lastEventId = fields.lastEventId
        this.#inARow = 0
        count++
        if (isLast(event)) return undefined
        yield event
      }
      this.#lastEventId = reader.lastEventId
      if (reader.retryMs !== undefined) this.#afterMs = Math.max(SHORTEST_RETRY_MS, reader.retryMs)
    }
    const early = reply.bodyError(`the stream ended${sentinel === undefined ? "" : ` without ${sentinel}`}, ${soFar()}`)
    if (reconnect === undefined && sentinel !== undefined) throw early
    return reconnect === undefined ? undefined : early
  }

  async #wait(error: CallError, signal: Signal): Promise<void> {
    const { reconnect, onReconnect } = this.#settings
    const { clock, random } = this.#context.runtime
    const inARow = ++this.#inARow
    if (reconnect === undefined || inARow > reconnect.times) throw error
    const askedMs = error.retryAt === undefined ? 0 : error.retryAt.getTime() - clock.date()
    const waitMs = Math.max(askedMs, reconnectMs(inARow, this.#afterMs, random))
    onReconnect?.({ error, waitMs, inARow, lastEventId: this.#lastEventId })
    await pause(clock, waitMs, signal)
  }
}

class ReceivedEvent implements ServerSentEvent {
  readonly type: string
  readonly data: string
  readonly lastEventId: string
  readonly #reply: ReceivedReply

  constructor({ type, data, lastEventId }: EventFields, reply: ReceivedReply) {
    this.type = type
    this.data = data
    this.lastEventId = lastEventId
    this.#reply = reply
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as everywhere, the caller says what JSON it is
  json<T = unknown>(): T {
    return this.#reply.parseJson(this.data, `event ${JSON.stringify(this.type)}: `) as T
  }
}

/** Whether the same request can bring the stream back. */
function comesBack(outcome: Exclude<CallOutcome, { kind: "success" }>): boolean {
  return outcome.kind === "no-reply" ? failure(outcome.error.code, "").temporary : outcome.verdict === "retry"
}

function discarded(reply: ReceivedReply): undefined {
  reply
    .stream()
    .cancel()
    .catch(() => {})
}

/** A body that is no event stream, and how it begins. */
async function unexpected(reply: ReceivedReply, signal: Signal): Promise<CallError> {
  let beginning = ""
  try {
    for await (const piece of pieces(reply.stream(), signal)) {
      beginning = new TextDecoder().decode(piece)
      break
    }
  } catch {
    // How it begins is not known then, only that it is something else.
  }
  return reply.bodyError(`expected text/event-stream, got ${reply.quote(beginning)}`)
}
