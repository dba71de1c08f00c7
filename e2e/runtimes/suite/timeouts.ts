import { TimeoutError } from "steadfetch"
import { json, reply, silence, type Group, type Stage } from "./case.ts"
import { check, equal, rejection } from "./check.ts"
import type { Step } from "@steadfetch/testing/fault-server"

const stalls: Step = reply(200, { body: { bytes: 5000 }, cut: { at: "body", afterBytes: 1000, by: "silence" } })

async function timedOut(stage: Stage, call: PromiseLike<unknown>, limit: string): Promise<void> {
  const error = await rejection(call)
  check(TimeoutError.is(error), `threw ${String(error)}`)
  equal([error.code, error.limit], ["timeout", limit], "code and limit")
  await stage.over(1)
}

export const timeouts: Group = {
  name: "timeouts",
  cases: [
    {
      name: "an attempt without headers ends in time",
      script: { "GET /thing": silence },
      async run(stage) {
        const api = stage.api({ retry: false, timeout: { attemptMs: 100 } })
        await timedOut(stage, api.get("/thing").json(), "attempt")
      },
    },
    {
      name: "an attempt that timed out is tried again",
      script: { "GET /thing": [silence, json("late but well")] },
      async run(stage) {
        equal(
          await stage
            .api({ timeout: { attemptMs: 600 } })
            .get("/thing")
            .json(),
          "late but well",
          "body",
        )
      },
    },
    {
      name: "a body that stalls ends in time",
      script: { "GET /thing": stalls },
      async run(stage) {
        const api = stage.api({ retry: false, timeout: { stallMs: 100 } })
        await timedOut(stage, api.get("/thing").bytes(), "stall")
      },
    },
    {
      name: "a stream that stalls errors in time",
      script: { "GET /thing": stalls },
      async run(stage) {
        const stream = await stage
          .api({ timeout: { stallMs: 100 } })
          .get("/thing")
          .stream()
        const reader = stream.getReader()
        const readAll = async (): Promise<void> => {
          for (;;) if ((await reader.read()).done) return
        }
        await timedOut(stage, readAll(), "stall")
      },
    },
    {
      name: "the deadline ends a call in the middle of an attempt",
      script: { "GET /thing": silence },
      async run(stage) {
        const api = stage.api({ timeout: false, deadline: 150 })
        await timedOut(stage, api.get("/thing").json(), "deadline")
      },
    },
    {
      name: "the deadline holds over all attempts",
      script: { "GET /thing": silence },
      async run(stage) {
        const beganAt = Date.now()
        const api = stage.api({
          timeout: { attemptMs: 80 },
          deadline: 500,
          retry: { attempts: 99, baseMs: 0, capMs: 0 },
        })
        const error = await rejection(api.get("/thing").json())
        check(TimeoutError.is(error), `threw ${String(error)}`)
        check(error.attempts.length > 1, `${error.attempts.length} attempts were made`)
        const tookMs = Date.now() - beganAt
        check(tookMs >= 450 && tookMs < 5000, `it took ${tookMs} ms`)
      },
    },
    {
      name: "a slow body that keeps coming is not cut off",
      script: { "GET /thing": reply(200, { body: "x".repeat(40), trickle: { chunkBytes: 10, gapMs: 100 } }) },
      async run(stage) {
        const api = stage.api({ timeout: { attemptMs: 2000, stallMs: 1500 } })
        equal((await api.get("/thing").text()).length, 40, "length")
      },
    },
  ],
}
