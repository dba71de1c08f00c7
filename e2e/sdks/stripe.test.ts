import { createFetch, type Listeners } from "steadfetch"
import { Stripe } from "stripe"
import { expect, test } from "vitest"
import {
  fieldValue,
  json,
  refusedPort,
  reset,
  stall,
  startFaultServer,
  type FaultServer,
  type Step,
} from "@steadfetch/testing/fault-server"

const CUSTOMERS = "POST /v1/customers"
const CUSTOMER = { id: "cus_1", object: "customer", name: "Ada" }

function sdk({ port }: { readonly port: number }, config: Readonly<Record<string, unknown>> = {}, on: Listeners = {}) {
  const httpClient = Stripe.createFetchHttpClient(createFetch({ retry: { baseMs: 1 }, on }))
  return new Stripe("sk_test_1", {
    host: "127.0.0.1",
    port,
    protocol: "http",
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient,
    ...config,
  })
}

function refusal(status: number, type: string, message: string, code?: string): Step {
  return json(status, { error: { type, message, code } }, { headers: { "request-id": "req_1" } })
}

const unavailable = refusal(503, "api_error", "Stripe is not available")

function keys(server: FaultServer): (string | undefined)[] {
  return server.requests.map((request) => fieldValue(request.headers, "idempotency-key"))
}

test("a form call succeeds after a 503, with the drop-in's key where the SDK set none", async () => {
  await using server = await startFaultServer({ [CUSTOMERS]: [unavailable, json(200, CUSTOMER)] })
  const customer = await sdk(server).customers.create({ name: "Ada" })
  expect(customer.id).toBe("cus_1")
  expect(server.requests.map(({ body }) => Buffer.from(body.kept).toString())).toEqual(["name=Ada", "name=Ada"])
  expect(keys(server)).toEqual([expect.stringMatching(/^\S{16,}$/), keys(server)[0]])
})

test("the key that the user gave to the SDK goes with both attempts", async () => {
  await using server = await startFaultServer({
    [CUSTOMERS]: [reset("before-headers"), unavailable, json(200, CUSTOMER)],
  })
  await sdk(server).customers.create({ name: "Ada" }, { idempotencyKey: "order-7" })
  expect(keys(server)).toEqual(["order-7", "order-7", "order-7"])
})

test("the key that the SDK made, with its own retries on, goes with both attempts", async () => {
  await using server = await startFaultServer({ [CUSTOMERS]: [unavailable, json(200, CUSTOMER)] })
  let waits = 0
  const stripe = sdk(server, { maxNetworkRetries: 2 }, { waiting: () => void waits++ })
  await stripe.customers.create({ name: "Ada" })
  expect(waits).toBe(1)
  expect(keys(server)).toEqual([expect.stringMatching(/^stripe-node-retry-/), keys(server)[0]])
})

test("the SDK pages through a list although every page fails once", async () => {
  const page = (id: string, more: boolean): Step =>
    json(200, { object: "list", url: "/v1/customers", has_more: more, data: [{ ...CUSTOMER, id }] })
  await using server = await startFaultServer({
    "GET /v1/customers": [unavailable, page("cus_1", true), unavailable, page("cus_2", false)],
  })
  const ids: string[] = []
  for await (const customer of sdk(server).customers.list({ limit: 1 })) ids.push(customer.id)
  expect(ids).toEqual(["cus_1", "cus_2"])
  expect(keys(server)).toEqual([undefined, undefined, undefined, undefined])
})

test("an unending 503 is the SDK's own error with the server's words", async () => {
  await using server = await startFaultServer({ [CUSTOMERS]: unavailable })
  const call = sdk(server).customers.create({ name: "Ada" })
  await expect(call).rejects.toThrow(Stripe.errors.StripeAPIError)
  await expect(call).rejects.toMatchObject({
    statusCode: 503,
    message: "Stripe is not available",
    requestId: "req_1",
  })
  expect(server.requests).toHaveLength(4)
})

test.each([
  [400, "invalid_request_error", Stripe.errors.StripeInvalidRequestError],
  [401, "authentication_error", Stripe.errors.StripeAuthenticationError],
  [402, "card_error", Stripe.errors.StripeCardError],
  [404, "invalid_request_error", Stripe.errors.StripeInvalidRequestError],
])("a %i is the SDK's own error after one request", async (status, type, kind) => {
  await using server = await startFaultServer({ [CUSTOMERS]: refusal(status, type, "Something is wrong", "a_code") })
  const call = sdk(server).customers.create({ name: "Ada" })
  await expect(call).rejects.toThrow(kind)
  await expect(call).rejects.toMatchObject({ statusCode: status, message: "Something is wrong", code: "a_code" })
  expect(server.requests).toHaveLength(1)
})

test("a 503 that Stripe says not to retry comes back after one request", async () => {
  await using server = await startFaultServer({
    [CUSTOMERS]: json(503, { error: { message: "No" } }, { headers: { "stripe-should-retry": "false" } }),
  })
  await expect(sdk(server).customers.create({ name: "Ada" })).rejects.toThrow(Stripe.errors.StripeAPIError)
  expect(server.requests).toHaveLength(1)
})

test("the SDK's timeout ends a request without an answer, and no attempt follows", async () => {
  await using server = await startFaultServer({ [CUSTOMERS]: stall("before-headers") })
  const call = sdk(server, { timeout: 100 }).customers.create({ name: "Ada" })
  await expect(call).rejects.toThrow(Stripe.errors.StripeConnectionError)
  await expect(call).rejects.toThrow("Request aborted due to timeout being reached (100ms)")
  await server.finished(1)
  expect(server.requests).toHaveLength(1)
})

test("a server that cannot be reached is the SDK's connection error, its cause kept", async () => {
  await using nowhere = await refusedPort()
  const call = sdk(nowhere).customers.create({ name: "Ada" })
  await expect(call).rejects.toThrow(Stripe.errors.StripeConnectionError)
  await expect(call).rejects.toMatchObject({ detail: { cause: { code: "ECONNREFUSED" } } })
})
