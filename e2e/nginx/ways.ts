import { createFetch, steadfetch, type Listeners } from "steadfetch"

/** What both ways of calling have in common, as the tests see it. */
export interface Answer {
  readonly status: number
  readonly text: string
  readonly connection: string | null
  readonly worker: string | null
}

interface Asked {
  readonly method?: "GET" | "POST"
  readonly body?: string
}

interface AskOptions {
  readonly on?: Listeners
  readonly attempts?: number
}

/** Resolves with the last reply, whatever its status, once its body is here. Rejects when there was none. */
type Ask = (path: string, asked?: Asked) => Promise<Answer>
type Make = (origin: string, options?: AskOptions) => Ask

/** Waits short enough for a test, and enough of them for a server that needs a moment. */
const PATIENT = { attempts: 100, baseMs: 20, capMs: 50, maxWaitMs: 20_000, budget: { capacity: 1000 } }

const theClient: Make = (origin, { on = {}, attempts = PATIENT.attempts } = {}) => {
  const api = steadfetch({ baseUrl: origin, retry: { ...PATIENT, attempts }, on })
  return async (path, { method = "GET", body } = {}) => {
    const outcome = await api.request(method, path, { body }).outcome()
    if (outcome.kind === "no-reply") throw outcome.error
    return {
      status: outcome.status,
      text: await outcome.text(),
      connection: outcome.headers.get("x-connection"),
      worker: outcome.headers.get("x-worker"),
    }
  }
}

/** For what holds of the drop-in alone. */
export const theDropIn: Make = (origin, { on = {}, attempts = PATIENT.attempts } = {}) => {
  const steadyFetch = createFetch({ retry: { ...PATIENT, attempts }, on })
  return async (path, { method = "GET", body } = {}) => {
    const response = await steadyFetch(`${origin}${path}`, { method, body: body ?? null })
    return {
      status: response.status,
      text: await response.text(),
      connection: response.headers.get("x-connection"),
      worker: response.headers.get("x-worker"),
    }
  }
}

/** For `test.each`: everything is tried both ways. */
export const ways: readonly (readonly [name: string, make: Make])[] = [
  ["the client", theClient],
  ["the drop-in fetch", theDropIn],
]
