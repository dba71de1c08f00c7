import {
  bearer,
  standard,
  steadfetch,
  type Credentials,
  type Listeners,
  type Policy,
  type Steadfetch,
} from "steadfetch"
import { startOrdersApi, type OrdersApi } from "@steadfetch/example-orders-api"
import { json, refusedPort, reset, startFaultServer, type Script } from "@steadfetch/testing/fault-server"
import type { Ground } from "./stop.ts"

const ORDER = { items: [{ sku: "MUG-1", quantity: 1, unitPriceCents: 1200 }], note: "from the tour" }

const REPORT = { rows: Array.from({ length: 50 }, (_, row) => ({ row, amountCents: row * 100 })) }

/** The first reply breaks off in its body, the second is whole. */
const BREAKING: Script = { "GET /report": [reset({ afterBytes: 200 }, { body: { json: REPORT } }), json(200, REPORT)] }

/** The example API and the clients that the tour looks at; `close` ends all of it. */
export interface Stage {
  readonly ground: Ground
  readonly origin: string
  close(): Promise<void>
}

/** Starts the example API on loopback, stores two orders, and makes the clients. */
export async function setStage(listeners: Listeners, interrupted: AbortSignal): Promise<Stage> {
  const started: { close(): Promise<void> }[] = []
  const close = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.close()))
  }
  const keep = <T extends { close(): Promise<void> }>(server: T): T => {
    started.push(server)
    return server
  }
  try {
    const api = keep(await startOrdersApi({ usesPerToken: 1 }))
    const nobody = keep(await refusedPort())
    const broken = keep(await startFaultServer(BREAKING))
    const policies = [interruptible(interrupted), ...standard()]
    const client = (baseUrl: string, auth?: Credentials): Steadfetch =>
      steadfetch({ baseUrl, policies, on: listeners, ...(auth === undefined ? {} : { auth }) })
    const ground: Ground = {
      api: client(api.origin, bearer(api.tokens.ada.access)),
      quiet: steadfetch({ baseUrl: api.origin, auth: bearer(api.tokens.ada.access) }),
      renewing: client(api.origin, await expiredToken(api)),
      absent: client(nobody.origin),
      broken: client(broken.origin),
      id: await storeOrder(api, api.tokens.ada.access),
      othersId: await storeOrder(api, api.tokens.grace.access),
      order: ORDER,
    }
    return { ground, origin: api.origin, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Lets an interruption end any call, without a word about it in the lines that are shown. */
function interruptible(signal: AbortSignal): Policy {
  return { name: "interruptible", scope: "call", wrap: (next) => (exchange) => next({ ...exchange, signal }) }
}

/** A token that is used up, and the way to a fresh one. */
async function expiredToken(api: OrdersApi): Promise<Credentials> {
  let token = api.tokens.ada.shortLived
  const baseUrl = api.origin
  await steadfetch({ baseUrl, auth: bearer(token) }).get("/orders")
  const refresh = async (): Promise<void> => {
    const form = { grant_type: "refresh_token", refresh_token: api.tokens.ada.refresh }
    const fresh = await steadfetch({ baseUrl }).post("/token", { form }).json<{ access_token: string }>()
    token = fresh.access_token
  }
  return bearer(() => token, { refresh })
}

async function storeOrder(api: OrdersApi, token: string): Promise<string> {
  const quiet = steadfetch({ baseUrl: api.origin, auth: bearer(token) })
  const { id } = await quiet.post("/orders", { json: ORDER }).json<{ id: string }>()
  return id
}
