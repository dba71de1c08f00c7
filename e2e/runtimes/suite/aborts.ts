import type { Steadfetch } from "steadfetch"
import { reply, silence, type Group, type Stage } from "./case.ts"
import { check, equal, rejection } from "./check.ts"

/** Fails unless the call rejects with exactly what it was aborted with, and soon. */
async function abortedBy(controller: AbortController, call: PromiseLike<unknown>): Promise<void> {
  const reason = new Error("the user left")
  const abortedAt = Date.now()
  controller.abort(reason)
  const error = await rejection(call)
  check(error === reason, `rejected with ${String(error)}`)
  const tookMs = Date.now() - abortedAt
  check(tookMs < 1000, `it took ${tookMs} ms`)
}

/** Begins a call, and resolves once its request goes out. */
function started(stage: Stage, begin: (api: Steadfetch) => PromiseLike<unknown>): Promise<PromiseLike<unknown>[]> {
  return new Promise((resolve) => {
    const api = stage.api({ on: { "attempt-started": () => queueMicrotask(() => resolve([call])) } })
    const call = Promise.resolve(begin(api))
    call.catch(() => {})
  })
}

export const aborts: Group = {
  name: "aborts",
  cases: [
    {
      name: "a signal that fired before sends nothing",
      script: { "GET /thing": reply(200) },
      async run(stage) {
        const reason = { any: "value" }
        const error = await rejection(
          stage
            .api()
            .get("/thing", { signal: AbortSignal.abort(reason) })
            .text(),
        )
        check(error === reason, `rejected with ${String(error)}`)
        equal((await stage.over(0)).length, 0, "requests")
      },
    },
    {
      name: "a call is aborted while it connects",
      script: { "GET /thing": silence },
      async run(stage) {
        const controller = new AbortController()
        const [call] = await started(stage, (api) => api.get("/thing", { signal: controller.signal }).text())
        check(call !== undefined, "the call began")
        await abortedBy(controller, call)
      },
    },
    {
      name: "a call is aborted while the server is silent, and the connection is let go",
      script: { "GET /thing": silence },
      async run(stage) {
        const controller = new AbortController()
        const call = stage.api().get("/thing", { signal: controller.signal }).text()
        call.catch(() => {})
        await stage.arrived(1)
        await abortedBy(controller, call)
        await stage.over(1)
      },
    },
    {
      name: "a call is aborted between two attempts",
      script: { "GET /thing": reply(503, { headers: { "retry-after": "30" } }) },
      async run(stage) {
        const controller = new AbortController()
        const call = await new Promise<[Promise<string>]>((resolve) => {
          const api = stage.api({ on: { waiting: () => queueMicrotask(() => resolve([call])) } })
          const call = api.get("/thing", { signal: controller.signal }).text()
          call.catch(() => {})
        })
        await abortedBy(controller, call[0])
        equal((await stage.over(1)).length, 1, "requests")
      },
    },
    {
      name: "a call is aborted while its body arrives",
      script: {
        "GET /thing": reply(200, { body: { bytes: 90_000 }, cut: { at: "body", afterBytes: 9000, by: "silence" } }),
      },
      async run(stage) {
        const controller = new AbortController()
        const call = stage.api().get("/thing", { signal: controller.signal }).bytes()
        call.catch(() => {})
        await stage.arrived(1)
        await abortedBy(controller, call)
        await stage.over(1)
      },
    },
    {
      name: "a stream is aborted while it is read",
      script: { "GET /thing": reply(200, { body: { endless: true } }) },
      async run(stage) {
        const controller = new AbortController()
        const stream = await stage.api().get("/thing", { signal: controller.signal }).stream()
        const reader = stream.getReader()
        await reader.read()
        const readAll = async (): Promise<void> => {
          for (;;) if ((await reader.read()).done) return
        }
        const reading = readAll()
        reading.catch(() => {})
        await abortedBy(controller, reading)
        equal((await stage.over(1))[0]?.end, "abandoned", "how the server saw it end")
      },
    },
    {
      name: "a stream that is cancelled lets its connection go",
      script: { "GET /thing": reply(200, { body: { endless: true } }) },
      async run(stage) {
        const stream = await stage.api().get("/thing").stream()
        const reader = stream.getReader()
        await reader.read()
        await reader.cancel()
        equal((await stage.over(1))[0]?.end, "abandoned", "how the server saw it end")
      },
    },
    {
      name: "one call's abort leaves the others alone",
      script: { "GET /silent": silence, "GET /late": reply(200, { body: "late", delayMs: 300 }) },
      async run(stage) {
        const api = stage.api()
        const controller = new AbortController()
        const other = api.get("/late").text()
        const call = api.get("/silent", { signal: controller.signal }).text()
        call.catch(() => {})
        await stage.arrived(2)
        await abortedBy(controller, call)
        equal(await other, "late", "the other call's body")
      },
    },
  ],
}
