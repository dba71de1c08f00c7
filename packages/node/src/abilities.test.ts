import { scriptedTransport, testRuntime } from "@steadfetch/testing"
import { byLink, pagingBy, type Ability, type Call } from "steadfetch"
import { describe, expect, test } from "vitest"
import { steadfetch } from "./index.ts"

const METHODS = ["download", "events", "uploadFile", "lines", "jsonLines", "pages", "poll", "upload"] as const

describe("calls on Node", () => {
  test("have every ability unasked, also those of derived clients", () => {
    const api = steadfetch({ baseUrl: "https://api.test" })
    for (const client of [api, api.extend({ headers: { a: "b" } })])
      for (const method of METHODS) expect(client.get("/")[method]).toBeTypeOf("function")
  })

  test("have the user's abilities as well, and theirs in place of Node's where both have a method", async () => {
    const { clock, ...runtime } = testRuntime()
    const server = scriptedTransport(clock)
    server.otherwise.replies(200, { body: { json: [1, 2] } })
    const counting = {
      async count(this: Call): Promise<number> {
        return (await this.json<unknown[]>()).length
      },
    }
    const options = { baseUrl: "https://api.test", transport: server, runtime: { ...runtime, clock } }
    const api = steadfetch({ ...options, abilities: [counting, pagingBy] })
    expect(await clock.runUntil(api.get("/").count())).toBe(2)
    expect(await clock.runUntil(api.get("/").pages({ by: byLink() }).collect())).toEqual([1, 2])
    // @ts-expect-error pagingBy() finds out nothing by itself
    expect(() => api.get("/").pages()).toThrow("by")
  })

  test("keep Node's other methods where one of an ability is the user's own", () => {
    const own = { lines: (): string => "mine" }
    const call = steadfetch({ baseUrl: "https://api.test", abilities: [own] }).get("/")
    expect(call.lines()).toBe("mine")
    expect(call.jsonLines).toBeTypeOf("function")
  })

  test("are refused what is no ability", () => {
    for (const abilities of [7, [undefined]])
      expect(() => steadfetch({ abilities: abilities as unknown as readonly Ability[] })).toThrow("abilities: ")
  })
})
