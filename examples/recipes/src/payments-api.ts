/** An API that the recipes of the outbox pay at: it is away at first, and refuses amounts that make no sense. */
import { serve } from "@hono/node-server"
import { Hono } from "hono"
import type { AddressInfo } from "node:net"

export interface PaymentsApi {
  readonly origin: string
  /** The Idempotency-Keys that it was sent. */
  readonly keys: ReadonlySet<string | undefined>
  close(): void
}

/** Starts it on a free port of loopback. The first `failures` requests get a 503. */
export async function startPaymentsApi(failures: number): Promise<PaymentsApi> {
  const keys = new Set<string | undefined>()
  let requests = 0
  const app = new Hono().post("/payments", async (c) => {
    requests += 1
    keys.add(c.req.header("idempotency-key"))
    if (requests <= failures) return c.text("restarting", 503)
    const { amount } = await c.req.json<{ amount: number }>()
    if (amount <= 0) return c.json({ message: "amount must be positive", code: "bad_amount" }, 422)
    return c.json({ payment: 7 }, 201)
  })
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 })
  await new Promise((resolve) => server.once("listening", resolve))
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, keys, close: () => void server.close() }
}
