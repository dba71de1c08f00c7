import { onTestFinished } from "vitest"
import type { OrdersApi, OrdersApiOptions } from "./start.ts"
import { startOrdersApi } from "./start.ts"

export const tea = { sku: "TEA-250", quantity: 2, unitPriceCents: 450 }

interface CallOptions {
  /** Ada's lasting token by default; `null` sends none. */
  readonly token?: string | null
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; text is sent as it is. */
  readonly body?: unknown
}

export interface ServedForTest {
  readonly api: OrdersApi
  readonly clock: { nowMs: number }
  /** The waits of slow requests, in the order of their start; the test ends them. */
  readonly nextWait: () => Promise<{ readonly delayMs: number; end(): void }>
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Response>
}

/** The API on a real socket until the test ends, with a clock that stands still and waits that the test ends. */
export async function serveForTest(options: OrdersApiOptions = {}): Promise<ServedForTest> {
  const clock = { nowMs: Date.UTC(2026, 0, 1) }
  const waits: { delayMs: number; end(): void }[] = []
  const watchers: (() => void)[] = []
  let identifiers = 0
  const api = await startOrdersApi({
    surroundings: {
      now: () => clock.nowMs,
      uuid: () => `00000000-0000-4000-8000-${String((identifiers += 1)).padStart(12, "0")}`,
      wait: (delayMs) =>
        new Promise((end) => {
          waits.push({ delayMs, end })
          watchers.shift()?.()
        }),
    },
    ...options,
  })
  onTestFinished(() => api.close())
  return {
    api,
    clock,
    async nextWait() {
      if (waits.length === 0) await new Promise<void>((resolve) => watchers.push(resolve))
      const wait = waits.shift()
      if (wait === undefined) throw new Error("two were waiting for the same wait")
      return wait
    },
    call: (method, path, { token = api.tokens.ada.access, headers = {}, body } = {}) =>
      fetch(api.origin + path, {
        method,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
  }
}
