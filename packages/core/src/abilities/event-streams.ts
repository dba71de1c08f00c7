import type { Call } from "../call.ts"
import { eventSettings, type EventOptions, type EventStream } from "./parts/events/event-options.ts"
import { EventStreamOfCall } from "./parts/events/event-stream.ts"

/** Reads server-sent events. Give it to `steadfetch()` as `abilities: [eventStreams]`. */
export const eventStreams = {
  /**
   * The call's server-sent events, as they arrive (WHATWG HTML §9.2), with any method and body. The request goes out when the
   * first event is asked for, and no more is read than is asked for. Leaving the loop frees the connection.
   *
   * A stream that ended or broke off is asked for again with Last-Event-ID, for as long as it takes: after the server's
   * `retry`, with growing pauses while no event comes. 204 ends it, and so does `until`. Each connection is a call of the
   * client, with its retries; a 4xx, a body that is no event stream, and a first connection that fails end it with their
   * error. Without `reconnect` the body's end is the stream's, and a body that breaks off an error.
   * @throws ConfigurationError for options that cannot work. The loop throws StatusError, NoReplyError, BodyError, and the
   *   signal's reason.
   */
  events(this: Call, options: EventOptions = {}): EventStream {
    return new EventStreamOfCall(this, eventSettings(this.context, options))
  },
}
