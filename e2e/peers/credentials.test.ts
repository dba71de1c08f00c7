import { fieldValue, json, startFaultServer, status, type FaultServer } from "@steadfetch/testing/fault-server"
import { bearer, createFetch, dropIn, steadfetch, type Credentials } from "steadfetch"
import { describe, expect, test } from "vitest"
import { HeldTime } from "./held-time.ts"

/** A bearer token that is renewed on demand, once it has been looked up so many times: for all who need it are to wait. */
function renewedToken(lookUpsBefore: number): { readonly credentials: Credentials; readonly renewals: () => number } {
  let generation = 1
  let lookUps = 0
  const awaited = Promise.withResolvers<void>()
  const source = (): string => {
    // In the next turn, so that the last one has gone on with what it found.
    if (++lookUps === lookUpsBefore) setImmediate(awaited.resolve)
    return `token-${generation}`
  }
  const refresh = async (): Promise<void> => {
    await awaited.promise
    generation += 1
  }
  return { credentials: bearer(source, { refresh }), renewals: () => generation - 1 }
}

const tokens = (server: FaultServer, path: string): (string | undefined)[] =>
  server.requests
    .filter((request) => request.path === path)
    .map(({ headers }) => fieldValue(headers, "authorization")?.replace("Bearer ", ""))

describe("15: calls that a 401 hits at once renew the token once, and stragglers do not renew it again", () => {
  /** Two at once, and one whose 401 comes when the others are done. */
  const expired = (clock: HeldTime): Promise<FaultServer> =>
    startFaultServer(
      {
        "GET /one": [status(401), json(200, 1)],
        "GET /two": [status(401), json(200, 2)],
        "GET /late": [status(401, { delayMs: 5000 }), json(200, 3)],
      },
      { clock },
    )

  const threeCallsAndTwoRefusals = 5

  const expectOneRenewal = (server: FaultServer): void => {
    for (const path of ["/one", "/two", "/late"]) expect(tokens(server, path)).toEqual(["token-1", "token-2"])
  }

  test("in the client", async () => {
    const time = new HeldTime()
    await using server = await expired(time)
    const { credentials, renewals } = renewedToken(threeCallsAndTwoRefusals)
    const api = steadfetch({ baseUrl: server.origin, auth: credentials, timeout: false, runtime: time.runtime() })
    const late = api.get("/late").json()
    expect(await Promise.all([api.get("/one").json(), api.get("/two").json()])).toEqual([1, 2])
    await time.asked(5000)
    time.pass(5000)
    expect(await late).toBe(3)
    expectOneRenewal(server)
    expect(renewals()).toBe(1)
  })

  test("in the drop-in, with the policy for credentials", async () => {
    const time = new HeldTime()
    await using server = await expired(time)
    const { credentials, renewals } = renewedToken(threeCallsAndTwoRefusals)
    const policies = [...dropIn(), credentials(server.origin)]
    const steadyFetch = createFetch({ policies, runtime: time.runtime() })
    const read = async (path: string): Promise<unknown> => (await steadyFetch(server.origin + path)).json()
    const late = read("/late")
    expect(await Promise.all([read("/one"), read("/two")])).toEqual([1, 2])
    await time.asked(5000)
    time.pass(5000)
    expect(await late).toBe(3)
    expectOneRenewal(server)
    expect(renewals()).toBe(1)
  })

  test("also when the straggler has looked the token up before it was renewed, and slowly", async () => {
    await using server = await startFaultServer({
      "GET /quick": [status(401), json(200, 1)],
      "GET /slow": [status(401), json(200, 2)],
    })
    let token = "token-1"
    let renewals = 0
    const lookedUp = Promise.withResolvers<void>()
    const slowStorage = Promise.withResolvers<void>()
    const lookUps = [undefined, () => (lookedUp.resolve(), slowStorage.promise)]
    const source = async (): Promise<string> => {
      const found = token
      await lookUps.shift()?.()
      return found
    }
    const refresh = (): void => void (token = `token-${++renewals + 1}`)
    const api = steadfetch({ baseUrl: server.origin, auth: bearer(source, { refresh }) })
    const slow = api.get("/slow").json()
    await lookedUp.promise
    expect(await api.get("/quick").json()).toBe(1)
    slowStorage.resolve()
    expect(await slow).toBe(2)
    expect(tokens(server, "/slow")).toEqual(["token-1", "token-2"])
    expect(renewals).toBe(1)
  })

  test("a token that stays refused is tried no third time", async () => {
    await using server = await startFaultServer({ "GET /": status(401, { body: "revoked" }) })
    const { credentials, renewals } = renewedToken(2)
    const api = steadfetch({ baseUrl: server.origin, auth: credentials })
    await expect(api.get("/").json()).rejects.toMatchObject({ name: "UnauthorizedError", serverMessage: "revoked" })
    expect(tokens(server, "/")).toEqual(["token-1", "token-2"])
    expect(renewals()).toBe(1)
  })

  test("a renewal that gives the refused token once more is not tried", async () => {
    await using server = await startFaultServer({ "GET /": status(401) })
    let renewals = 0
    const credentials = bearer("token-1", { refresh: () => renewals++ })
    const api = steadfetch({ baseUrl: server.origin, auth: credentials })
    expect((await api.get("/").outcome()).kind).toBe("client-error")
    expect(tokens(server, "/")).toEqual(["token-1"])
    expect(renewals).toBe(1)
  })
})
