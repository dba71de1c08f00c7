import { Call, type CallContext } from "../call.ts"
import { Operation } from "./parts/polling/operation.ts"
import { pollPlan, type PollOptions } from "./parts/polling/poll-options.ts"

/**
 * Long operations: `await api.post("/exports", { json }).poll().json<Export>()`.
 *
 * The call is made; when its reply says that the work goes on (202, RFC 9110 §15.3.3, or one of the usual monitors), its
 * status is asked for until the work has ended. Every request is a call of its own, with retries and deadline; the signal
 * of the call ends all of it.
 */
export const polling = {
  /**
   * The same call, whose reply is that of the whole operation: like every call it goes out when it is awaited or read.
   * Its readers throw OperationError, too, for an operation that fails, or still runs at the deadline; so does `outcome()`.
   * @throws ConfigurationError for options that cannot work.
   */
  poll(this: Call, options: PollOptions = {}): Call {
    const { context } = this
    const plan = pollPlan(context, options)
    const polled: CallContext = {
      method: context.method,
      url: context.url,
      options: context.options,
      runtime: context.runtime,
      address: () => context.address(),
      request: (method, url, more) => context.request(method, url, more),
      follow: (method, url, more) => context.follow(method, url, more),
      send: async (reading, accept, signal = context.options.signal) =>
        new Operation(this, plan, reading, accept, signal).outcome(),
    }
    return new Call(polled)
  },
}
