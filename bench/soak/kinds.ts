import type { CallOutcome, RequestOptions, Steadfetch } from "steadfetch"
import { LARGE_BYTES } from "./script.ts"

/** What calls are made with. */
export interface Surroundings {
  readonly server: string
  /** An origin where nobody listens. */
  readonly refused: string
  /** A signal that never fires and that all calls share which are not aborted. */
  readonly signal: AbortSignal
  readonly random: () => number
}

/** A kind of call. */
export interface Kind {
  /** Every end that is right. */
  readonly ends: readonly string[]
  /** Makes the call; resolves with a word for how it ended. */
  run(): Promise<string>
}

export type Kinds = Readonly<Record<string, Kind>>

/** For what never comes. Everything else gets the usual time, so that a busy machine changes no end. */
const SHORT_MS = 50

const upload = new Uint8Array(LARGE_BYTES).fill(7)

/** The kinds of calls of a client. */
export function clientKinds(api: Steadfetch, surroundings: Surroundings, cutGzip: "success" | "broken-body"): Kinds {
  const { server, refused, signal, random } = surroundings
  const kind = (ends: readonly string[], run: () => Promise<string>): Kind => ({ ends, run })
  const get = (ends: readonly string[], url: string, options: RequestOptions = {}): Kind =>
    kind(ends, async () => endOf(await api.get(url, { signal, ...options }).outcome()))
  return {
    "small JSON": kind(["well"], async () =>
      JSON.stringify(await api.get(`${server}/ok`, { signal }).json()).slice(2, 6),
    ),
    "a large body": kind(
      [`${LARGE_BYTES}`],
      async () => `${(await api.get(`${server}/large`, { signal }).bytes()).length}`,
    ),
    gzip: kind(["9000"], async () => `${(await api.get(`${server}/gzip`, { signal }).text()).length}`),
    "a large upload": kind([`${LARGE_BYTES}`], () => echoed(api, `${server}/upload`, { body: upload, signal })),
    "an uploaded stream": kind([`${LARGE_BYTES}`], () => echoed(api, `${server}/upload`, { body: pieces(), signal })),
    "an upload that is cut off": kind(["success", "reset"], async () =>
      endOf(await api.put(`${server}/unread`, { body: upload, signal }).outcome()),
    ),
    "a redirect": get(["success"], `${server}/moved`),
    "404": get(["404"], `${server}/missing`),
    "5xx now and then": get(["success", "500", "502", "503"], `${server}/busy`),
    "a POST": kind(["success", "500", "503"], async () =>
      endOf(await api.post(`${server}/orders`, { json: { item: "tea" }, signal }).outcome()),
    ),
    "resets now and then": get(["success", "reset"], `${server}/resets`),
    "broken bodies now and then": get(["success", "reset", "broken-body", "protocol"], `${server}/breaks`),
    "a gzip body that ends early": get([cutGzip], `${server}/cut-gzip`, { retry: false }),
    "no HTTP": get(["protocol"], `${server}/garbage`),
    "a refused connection": get(["refused"], `${refused}/`),
    "a body that stalls": get(["timeout: stall"], `${server}/stalls`, { timeout: { stallMs: SHORT_MS }, retry: false }),
    "headers that never come": get(["timeout: attempt"], `${server}/silence`, { timeout: { attemptMs: SHORT_MS } }),
    "a deadline": get(["timeout: deadline"], `${server}/silence`, { timeout: false, deadline: SHORT_MS }),
    "a body that is too large": get(["too-large"], `${server}/large`, { maxBodyBytes: 50_000 }),
    "an abort at random": kind(["success", "aborted"], () =>
      aborted(random, async (own) => endOf(await api.get(`${server}/slow`, { signal: own }).outcome())),
    ),
    "a stream aborted at random": kind(["aborted"], () =>
      aborted(random, async (own) => drained(await api.get(`${server}/endless`, { signal: own }).stream())),
    ),
    "a stream that is cancelled": kind(["cancelled"], async () =>
      cancelled(await api.get(`${server}/endless`, { signal }).stream()),
    ),
  }
}

/** The kinds of calls of the drop-in fetch. */
export function dropInKinds(steadyFetch: typeof fetch, { server, refused, signal, random }: Surroundings): Kinds {
  const status = async (url: string, init: RequestInit = {}): Promise<string> => {
    const response = await steadyFetch(url, { signal, ...init })
    await response.arrayBuffer()
    return `${response.status}`
  }
  const failing = (url: string): Promise<string> => status(url).catch((error: unknown) => (error as Error).name)
  return {
    "small JSON": { ends: ["200"], run: () => status(`${server}/ok`) },
    "a large upload": { ends: ["200"], run: () => status(`${server}/upload`, { method: "PUT", body: upload }) },
    "a Request with a body": {
      ends: ["200"],
      run: async () => {
        const request = new Request(`${server}/upload`, { method: "PUT", body: "tea" })
        const response = await steadyFetch(request)
        await response.arrayBuffer()
        return `${response.status}`
      },
    },
    "404": { ends: ["404"], run: () => status(`${server}/missing`) },
    "5xx now and then": { ends: ["200", "500", "502", "503"], run: () => status(`${server}/busy`) },
    "resets now and then": { ends: ["200", "TypeError"], run: () => failing(`${server}/resets`) },
    "a refused connection": { ends: ["TypeError"], run: () => failing(`${refused}/`) },
    "an abort at random": {
      ends: ["200", "aborted"],
      run: () => aborted(random, (own) => status(`${server}/slow`, { signal: own })),
    },
    "a body that is cancelled": {
      ends: ["cancelled"],
      run: async () => {
        const { body } = await steadyFetch(`${server}/endless`, { signal })
        return body === null ? "no body" : cancelled(body)
      },
    },
  }
}

function endOf(outcome: CallOutcome): string {
  if (outcome.kind === "success") return "success"
  if (outcome.kind !== "no-reply") return `${outcome.status}`
  const { error } = outcome
  return "limit" in error ? `${error.code}: ${String(error.limit)}` : error.code
}

/** How many bytes the server saw. */
async function echoed(api: Steadfetch, url: string, options: RequestOptions): Promise<string> {
  const echo = await api.put(url, options).json<{ body: { lengthBytes: number } }>()
  return `${echo.body.lengthBytes}`
}

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < LARGE_BYTES; at += 30_000) yield upload.subarray(at, at + 30_000)
}

/** Runs a call that is aborted within 80 ms; "aborted" only when it rejects with the very reason. */
async function aborted(random: () => number, call: (signal: AbortSignal) => Promise<string>): Promise<string> {
  const controller = new AbortController()
  const reason = new Error("the caller left")
  const timer = setTimeout(() => controller.abort(reason), random() * 80)
  try {
    return await call(controller.signal)
  } catch (error) {
    return error === reason ? "aborted" : `threw ${String(error)}`
  } finally {
    clearTimeout(timer)
  }
}

async function drained(stream: ReadableStream<Uint8Array>): Promise<string> {
  for await (const _ of stream);
  return "read to its end"
}

async function cancelled(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader()
  for (let reads = 0; reads < 3; reads++) await reader.read()
  await reader.cancel()
  return "cancelled"
}
