import { channel } from "node:diagnostics_channel"
import { json, startFaultServer, status } from "@steadfetch/testing/fault-server"
import { ConfigurationError, steadfetch, undiciTransport, type Steadfetch } from "@steadfetch/node"
import { Agent, getGlobalDispatcher, MockAgent, setGlobalDispatcher, type Dispatcher } from "undici"
import { describe, expect, onTestFinished, test } from "vitest"

/** Makes this one the process's dispatcher until the test is over. */
function useGlobally(dispatcher: Dispatcher): void {
  const usual = getGlobalDispatcher()
  setGlobalDispatcher(dispatcher)
  onTestFinished(() => setGlobalDispatcher(usual))
}

function mocked(): { readonly mock: MockAgent; readonly api: Steadfetch } {
  const mock = new MockAgent()
  mock.disableNetConnect()
  onTestFinished(() => mock.close())
  // Made before the mock is the global dispatcher.
  const api = steadfetch({ baseUrl: "http://api.test", retry: { baseMs: 1, capMs: 1 } })
  useGlobally(mock)
  return { mock, api }
}

describe("a MockAgent that becomes the global dispatcher after the client was made", () => {
  test.each(["buffer", "stream"] as const)("answers its calls (%s)", async (reading) => {
    const { mock, api } = mocked()
    const headers = { "content-type": "application/json", "set-cookie": ["a=1", "b=2"] }
    mock.get("http://api.test").intercept({ path: "/users?page=2" }).reply(200, { id: 7 }, { headers })
    const outcome = await api.get("/users", { query: { page: 2 } }).outcome({ reading })
    if (outcome.kind !== "success") throw outcome.error
    expect(await outcome.json()).toEqual({ id: 7 })
    expect([...outcome.headers].filter(([name]) => name === "set-cookie")).toHaveLength(2)
  })

  test("sees method, fields and body, and failures are retried", async () => {
    const { mock, api } = mocked()
    const pool = mock.get("http://api.test")
    const asked = { path: "/users", method: "POST", body: '{"name":"Ada"}', headers: { "x-own": "1" } }
    pool.intercept(asked).reply(503, "busy")
    pool.intercept(asked).replyWithError(Object.assign(new Error("gone"), { code: "ECONNRESET" }))
    pool.intercept(asked).reply(201, { id: 7 })
    const reply = await api.post("/users", { json: { name: "Ada" }, headers: { "x-own": "1" } })
    expect(reply.attempts.map(({ status, failure }) => status ?? failure)).toEqual([503, "reset", 201])
    mock.assertNoPendingInterceptors()
  })

  test("rejects what it was told nothing of, at once", async () => {
    const { api } = mocked()
    const call = api.get("/unknown").json()
    await expect(call).rejects.toThrow(ConfigurationError)
    await expect(call).rejects.toThrow("/unknown")
  })
})

test("the global dispatcher is the one at the time of the call", async () => {
  await using server = await startFaultServer({ "/": status(200) })
  const api = steadfetch({ baseUrl: server.origin })
  await api.get("/")
  const seen: string[] = []
  const agent = new Agent()
  useGlobally(
    agent.compose((dispatch) => (options, handler) => {
      seen.push(options.path)
      return dispatch(options, handler)
    }),
  )
  onTestFinished(() => agent.close())
  await api.get("/?second")
  expect(seen).toEqual(["/?second"])
})

test("undici's diagnostics tell of each attempt", async () => {
  await using server = await startFaultServer({ "/": [status(503), status(200)] })
  const seen: unknown[] = []
  const headers = channel("undici:request:headers")
  const note = (message: unknown): void => {
    const { response, request } = message as { response: { statusCode: number }; request: { origin: string } }
    if (request.origin === server.origin) seen.push(response.statusCode)
  }
  headers.subscribe(note)
  onTestFinished(() => {
    headers.unsubscribe(note)
  })
  await steadfetch({ baseUrl: server.origin, retry: { baseMs: 1 } }).get("/")
  expect(seen).toEqual([503, 200])
})

test("a given dispatcher is its owner's: the client does not close it", async () => {
  await using server = await startFaultServer({ "/": json(200, { n: 1 }) })
  const dispatcher = new Agent()
  onTestFinished(() => dispatcher.close())
  const api = steadfetch({ baseUrl: server.origin, transport: undiciTransport({ dispatcher }) })
  await api.get("/")
  await api.close()
  expect(dispatcher.closed).toBe(false)
  expect(await api.get("/").json()).toEqual({ n: 1 })
})

test("the global dispatcher is not the client's to close either", async () => {
  const api = steadfetch()
  await api.close()
  expect((getGlobalDispatcher() as Agent).closed).toBe(false)
})

test("an agent of the client's own is closed with it, also twice, and calls after that are refused at once", async () => {
  await using server = await startFaultServer({ "/": json(200, { n: 1 }) })
  const api = steadfetch({ baseUrl: server.origin, transport: undiciTransport({ agent: {} }) })
  await api.get("/")
  expect(server.openConnections).toBe(1)
  await api.close()
  await api.close()
  await server.allClosed()
  await expect(api.get("/").json()).rejects.toThrow(ConfigurationError)
  expect(server.requests).toHaveLength(1)
})

test("closing waits for the calls under way", async () => {
  await using server = await startFaultServer({ "/": json(200, { n: 1 }, { delayMs: 50 }) })
  const api = steadfetch({ baseUrl: server.origin, transport: undiciTransport({ agent: {} }) })
  const body = api.get("/").json()
  await server.received(1)
  await api.close()
  expect(await body).toEqual({ n: 1 })
})

test("a dispatcher and an agent at once are refused", () => {
  const dispatcher = new Agent()
  onTestFinished(() => dispatcher.close())
  expect(() => undiciTransport({ dispatcher, agent: {} })).toThrow(
    '"agent" makes a dispatcher and "dispatcher" gives one',
  )
})
