import { bearer, standard, steadfetch, type Listeners, type Policy, type Steadfetch } from "steadfetch"
import { startOrdersApi, type OrdersApi } from "@steadfetch/example-orders-api"
import { json, refusedPort, reset, startFaultServer } from "@steadfetch/testing/fault-server"
import type { Ground } from "./stop.ts"

const ORDER = { items: [{ sku: "MUG-1", quantity: 1, unitPriceCents: 1200 }], note: "from the tour" }

/** The example API and the clients that the tour looks at; `close` ends all of it. */
export interface Stage {
  readonly ground: Ground
  readonly origin: string
  close(): Promise<void>
}

/** Starts the example API on loopback, stores two orders, and makes the clients. */
export async function setStage(listeners: Listeners, interrupted: AbortSignal): Promise<Stage> {
  await using stack = new AsyncDisposableStack()
  const api = await startOrdersApi({ usesPerToken: 1 })
  stack.defer(() => api.close())
  const nobody = stack.use(await refusedPort())
  const report = { rows: Array.from({ length: 50 }, (_, row) => ({ row, amountCents: row * 100 })) }
  const body = { json: report }
  const faulty = stack.use(
    await startFaultServer({ "GET /report": [reset({ afterBytes: 200 }, { body }), json(200, report)] }),
  )
  const policies = [interruptible(interrupted), ...standard()]
  const ada = bearer(api.tokens.ada.access)
  const client = (baseUrl: string): Steadfetch => steadfetch({ baseUrl, policies, on: listeners })
  const ground: Ground = {
    api: steadfetch({ baseUrl: api.origin, auth: ada, policies, on: listeners }),
    quiet: steadfetch({ baseUrl: api.origin, auth: ada }),
    renewing: await expired(api, policies, listeners),
    absent: client(nobody.origin),
    broken: client(faulty.origin),
    id: await storeOrder(api, api.tokens.ada.access),
    othersId: await storeOrder(api, api.tokens.grace.access),
    order: ORDER,
  }
  const held = stack.move()
  return { ground, origin: api.origin, close: () => held.disposeAsync() }
}

/** Lets an interruption end any call, without a word about it in the lines that are shown. */
function interruptible(signal: AbortSignal): Policy {
  return { name: "interruptible", scope: "call", wrap: (next) => (exchange) => next({ ...exchange, signal }) }
}

/** A client with a token that is used up, and a way to a fresh one. */
async function expired(api: OrdersApi, policies: readonly Policy[], on: Listeners): Promise<Steadfetch> {
  let token = api.tokens.ada.shortLived
  await steadfetch({ baseUrl: api.origin, auth: bearer(token) }).get("/orders")
  const refresh = async (): Promise<void> => {
    const form = { grant_type: "refresh_token", refresh_token: api.tokens.ada.refresh }
    const fresh = await steadfetch({ baseUrl: api.origin }).post("/token", { form }).json<{ access_token: string }>()
    token = fresh.access_token
  }
  return steadfetch({ baseUrl: api.origin, auth: bearer(() => token, { refresh }), policies, on })
}

async function storeOrder(api: OrdersApi, token: string): Promise<string> {
  const quiet = steadfetch({ baseUrl: api.origin, auth: bearer(token) })
  const { id } = await quiet.post("/orders", { json: ORDER }).json<{ id: string }>()
  return id
}
