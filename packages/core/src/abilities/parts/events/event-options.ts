import { isStreamBody } from "../../../body.ts"
import type { CallContext } from "../../../call.ts"
import { field, type HeaderFields, type HeaderList } from "../../../headers.ts"
import type { RequestOptions } from "../../../request-options.ts"
import { checked, checkFunction, duration, kindOf, knownOptions, refuse, shown, whole } from "../../../validation.ts"

/** A server-sent event. */
export interface ServerSentEvent {
  /** "message" where the server names no other. */
  readonly type: string
  /** The event's text; several `data` lines are joined with line feeds. */
  readonly data: string
  /** The last id that the server named, in this event or before it; "" while there is none. */
  readonly lastEventId: string
  /** The data as JSON. @throws BodyError for what is none. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as everywhere, the caller says what JSON it is
  json<T = unknown>(): T
}

/** The events of a call, as they arrive. */
export interface EventStream extends AsyncIterableIterator<ServerSentEvent, undefined, undefined> {
  /** The id to go on from, in another process, too: `events({ lastEventId })`. That of the last event handed over; "" for none. */
  readonly lastEventId: string
}

/** How a stream that ended or broke off is asked for again. */
export interface ReconnectOptions {
  /** Milliseconds to wait before it, until the server names others (`retry`). Default 1000. */
  readonly afterMs?: number | undefined
  /** The most reconnections in a row without an event. Default: no limit. */
  readonly times?: number | undefined
}

/** What is known when the stream is open. */
export interface EventStreamOpening {
  /** The URL that answered, after redirects. */
  readonly url: string
  readonly status: number
  readonly headers: HeaderFields
  /** The id that was sent; "" for none. */
  readonly lastEventId: string
}

/** Why and when the stream is asked for again. */
export interface Reconnection {
  /** How the connection ended, or why there was none. */
  readonly error: Error
  readonly waitMs: number
  /** How many reconnections in a row this is, without an event in between; from 1. */
  readonly inARow: number
  /** The id that is sent; "" for none. */
  readonly lastEventId: string
}

/** Options of `events`. */
export interface EventOptions {
  /**
   * Whether a stream that ended or broke off is asked for again, with Last-Event-ID. Default: true for GET, and false for all
   * other methods, since the same POST again is the same work again.
   */
  readonly reconnect?: boolean | ReconnectOptions | undefined
  /** The id of the last event that was received before, by another process, say. It is sent as Last-Event-ID. */
  readonly lastEventId?: string | undefined
  /**
   * The event that ends the stream: its data, "[DONE]" for OpenAI's and alike, or a function that knows it. It is not handed
   * over, and a stream that ends before it has not ended well. Default: none; the body's end is the stream's.
   */
  readonly until?: string | ((event: ServerSentEvent) => boolean) | undefined
  /**
   * Milliseconds without a byte (comments are bytes) after which the connection is given up; false for no limit. It takes the
   * place of `timeout.stallMs`. Default: what the call's own `timeout.stallMs` says, else 60,000 where the stream is asked for
   * again, and 300,000 where that would be its end.
   */
  readonly idleMs?: number | false | undefined
  /** The most bytes of one event; a longer one ends the stream with a BodyError. Default 16 MiB. */
  readonly maxEventBytes?: number | undefined
  /** Told each time the stream is open, before its first event. */
  readonly onOpen?: ((opening: EventStreamOpening) => void) | undefined
  /** Told before each wait for a reconnection. */
  readonly onReconnect?: ((reconnection: Reconnection) => void) | undefined
}

/** The options of one stream, checked, with what stands for those that are not there. */
export interface EventSettings {
  /** undefined: never. */
  readonly reconnect: { readonly afterMs: number; readonly times: number } | undefined
  readonly lastEventId: string
  /** Whether an event is the last one. */
  readonly isLast: (event: ServerSentEvent) => boolean
  /** What the stream ends with, in words; undefined when its body's end is its own. */
  readonly sentinel: string | undefined
  readonly timeout: RequestOptions["timeout"]
  readonly maxEventBytes: number
  readonly onOpen: EventOptions["onOpen"]
  readonly onReconnect: EventOptions["onReconnect"]
}

const OPTION_NAMES: readonly string[] = [
  "reconnect", "lastEventId", "until", "idleMs", "maxEventBytes", "onOpen", "onReconnect",
] // prettier-ignore

/** @throws ConfigurationError for options that cannot work with this call. */
export function eventSettings({ method, options: ofCall }: CallContext, options: EventOptions): EventSettings {
  knownOptions("events", options, OPTION_NAMES)
  const { lastEventId = "", until, maxEventBytes = 16 * 1024 * 1024, onOpen, onReconnect } = options
  if (/^head$/i.test(method)) refuse("events", "a HEAD request has no body", "another method")
  if (typeof lastEventId !== "string") refuse("events.lastEventId", shown(lastEventId), "a text")
  lastEventIdField(lastEventId)
  if (!["undefined", "function"].includes(typeof until) && (typeof until !== "string" || until === ""))
    refuse(
      "events.until",
      until === "" ? '""' : kindOf(until),
      'the data of the last event, such as "[DONE]", or a function that knows it',
    )
  checkFunction("events.onOpen", onOpen)
  checkFunction("events.onReconnect", onReconnect)
  const reconnect = reconnectSettings(options.reconnect ?? /^get$/i.test(method))
  if (reconnect !== undefined && isStreamBody(ofCall.body))
    refuse("events.reconnect", "the body is a stream, which can be sent once", "a function that opens a fresh one")
  return {
    reconnect,
    lastEventId,
    isLast: typeof until === "function" ? until : ({ data }) => data === until,
    sentinel: typeof until === "string" ? JSON.stringify(until) : until && "its last event",
    timeout: timeoutOf(ofCall.timeout, options.idleMs, reconnect === undefined ? 300_000 : 60_000),
    maxEventBytes: whole("events.maxEventBytes", maxEventBytes, 1),
    onOpen,
    onReconnect,
  }
}

function reconnectSettings(given: boolean | ReconnectOptions): EventSettings["reconnect"] {
  if (given === false) return undefined
  const own = given === true ? {} : given
  knownOptions("events.reconnect", own, ["afterMs", "times"])
  const { afterMs = 1000, times = Number.POSITIVE_INFINITY } = own
  return {
    afterMs: checked("events.reconnect.afterMs", afterMs, 0, Number.MAX_SAFE_INTEGER),
    times: checked("events.reconnect.times", times, 0),
  }
}

/** The call's own limits, with the idle time in the place of the stall timeout. */
function timeoutOf(
  ofCall: RequestOptions["timeout"],
  idleMs: EventOptions["idleMs"],
  usualMs: number,
): RequestOptions["timeout"] {
  if (idleMs !== undefined) duration("events.idleMs", idleMs)
  if (ofCall === false) return { attemptMs: false, stallMs: idleMs ?? false }
  knownOptions("timeout", ofCall ?? {}, ["attemptMs", "stallMs"])
  return { ...ofCall, stallMs: idleMs ?? ofCall?.stallMs ?? usualMs }
}

/** The header field that says which event the stream goes on after. @throws ConfigurationError for what no field can hold. */
export function lastEventIdField(id: string): HeaderList {
  if (id === "") return []
  // HTML sends it as UTF-8. A field's value is bytes, written as Latin-1 here.
  const bytes = Array.from(new TextEncoder().encode(id), (byte) => String.fromCharCode(byte))
  // oxlint-disable-next-line no-control-regex
  if (/[\0-\x08\n-\x1f\x7f]/.test(id)) refuse("lastEventId", shown(id), "an id without control characters")
  return [field("last-event-id", bytes.join(""))]
}
