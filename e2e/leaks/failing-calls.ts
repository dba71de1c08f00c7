import {
  createFetch,
  steadfetch,
  type CallOutcome,
  type ClientOptions,
  type RequestOptions,
  type Transport,
} from "steadfetch"

/** Where the calls go. */
export interface Places {
  /** A fault server that plays `script`. */
  readonly server: string
  /** A port where nobody listens. */
  readonly refused: string
}

/** One call that fails; resolves with a word for how it did. */
export type FailingCall = (signal: AbortSignal) => Promise<string>

const fast: ClientOptions = {
  retry: { attempts: 2, baseMs: 1, capMs: 1, budget: false },
  maxBodyBytes: 50_000,
}

/** For what never comes; everything else gets the usual time, so that a busy machine changes no outcome. */
const short = { attemptMs: 30, stallMs: 30 }

const ABORTED = new Error("the caller left")

/** Calls that fail, each in another way; `script.ts` has the server's side of them. */
export function failingCalls({ server, refused }: Places, transport: Transport): Readonly<Record<string, FailingCall>> {
  const api = steadfetch({ ...fast, transport })
  const bare = api.extend({ timeout: false, deadline: false })
  const steadyFetch = createFetch({ retry: fast.retry })
  const get =
    (url: string, options: RequestOptions = {}): FailingCall =>
    async (signal) =>
      endOf(await api.get(url, { signal, ...options }).outcome())
  const abortedAt = (event: "waiting" | "attempt-started", url: string): FailingCall => {
    return (signal) => {
      const own = new AbortController()
      const abort = (): void => queueMicrotask(() => own.abort(ABORTED))
      const client = steadfetch({ ...fast, transport, on: { [event]: abort } })
      const both = AbortSignal.any([signal, own.signal])
      return client.get(url, { signal: both }).outcome().then(endOf, endOfAbort)
    }
  }
  return {
    "a refused connection": get(refused),
    "a reset before the headers": get(`${server}/reset`),
    "a reset in mid-headers": get(`${server}/reset-headers`),
    "a reset in mid-body": get(`${server}/reset-body`),
    "a body that stalls": get(`${server}/stall-body`, { timeout: short }),
    "headers that never come": get(`${server}/silence`, { timeout: short }),
    "headers after the deadline": get(`${server}/silence`, { timeout: false, deadline: 30 }),
    "broken chunks": get(`${server}/chunks`),
    "a last chunk that never comes": get(`${server}/no-last-chunk`),
    "a body shorter than announced": get(`${server}/short`),
    "no HTTP": get(`${server}/garbage`),
    "a 503": get(`${server}/busy`),
    "a 503 without limits": async (signal) => endOf(await bare.get(`${server}/busy`, { signal }).outcome()),
    "a 503 with a body without end, streamed": async (signal) =>
      endOf(await api.get(`${server}/busy-endless`, { signal }).outcome({ reading: "stream" })),
    "a 404": get(`${server}/missing`),
    "a body that is too large": get(`${server}/huge`),
    "a redirect without end": get(`${server}/loop`, { retry: false }),
    "an upload that is cut off": async (signal) =>
      endOf(await api.put(`${server}/unread`, { signal, body: new Uint8Array(300_000) }).outcome()),
    "an abort between attempts": abortedAt("waiting", `${server}/throttled`),
    "an abort before the headers": abortedAt("attempt-started", `${server}/silence`),
    "an abort in mid-body": async (signal) => {
      const own = new AbortController()
      const both = AbortSignal.any([signal, own.signal])
      const stream = await api.get(`${server}/endless`, { signal: both }).stream()
      const reader = stream.getReader()
      await reader.read()
      own.abort(ABORTED)
      return await drained(reader).catch(endOfAbort)
    },
    "a stream that is given up": async (signal) => {
      const stream = await api.get(`${server}/endless`, { signal }).stream()
      await stream.cancel()
      return "given up"
    },
    "a 503 of the drop-in's, unread": async (signal) => {
      const response = await steadyFetch(`${server}/busy`, { signal })
      return `${response.status}`
    },
    "a 503 of the drop-in's with a body without end": async (signal) => {
      const response = await steadyFetch(`${server}/busy-endless`, { signal })
      await response.body?.cancel()
      return `${response.status}`
    },
    "a reset under the drop-in": (signal) =>
      steadyFetch(`${server}/reset`, { signal }).then(
        ({ status }) => `${status}`,
        (error: unknown) => String(error),
      ),
    "an abort of the drop-in's": async (signal) => {
      const own = new AbortController()
      const call = steadyFetch(`${server}/silence`, { signal: AbortSignal.any([signal, own.signal]) })
      queueMicrotask(() => own.abort(ABORTED))
      return call.then(({ status }) => `${status}`, endOfAbort)
    },
  }
}

function endOf(outcome: CallOutcome): string {
  if (outcome.kind === "no-reply") return outcome.error.code
  return `${outcome.status}`
}

function endOfAbort(reason: unknown): string {
  return reason === ABORTED ? "aborted" : `aborted with ${String(reason)}`
}

async function drained(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  for (;;) {
    const { done } = await reader.read()
    if (done) return "read to its end"
  }
}
