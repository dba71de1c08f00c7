import type { Step } from "@steadfetch/testing/fault-server"
import type { CallOutcome } from "steadfetch"
import { broken, busy, json, reply, type Group, type Stage } from "./case.ts"
import { check, equal, rejection } from "./check.ts"

/** Ends the connection when the request has arrived. */
const lost: Step = { kind: "drop", at: "before-headers", by: "reset" }

/** A call whose connection was used before and breaks without a byte of a reply; sent once by steadfetch. */
async function brokenOnKept(stage: Stage, method: string): Promise<CallOutcome> {
  const api = stage.api({ retry: false, idempotencyKey: false })
  await api.get("/warm").json()
  return api.request(method, "/thing", method === "POST" ? { body: "x" } : {}).outcome()
}

export const retry: Group = {
  name: "retry",
  cases: [
    {
      name: "Retry-After is a floor: the next request comes no earlier",
      script: { "GET /thing": [reply(503, { headers: { "retry-after": "1" } }), json("ok")] },
      async run(stage) {
        equal(await stage.api().get("/thing").json(), "ok", "body")
        const [first, second] = await stage.over(2)
        check(first !== undefined && second !== undefined, "two requests arrived")
        const waitedMs = second.arrivedAtMs - first.arrivedAtMs
        check(waitedMs >= 995, `the second came after ${waitedMs} ms`)
      },
    },
    {
      name: "a 429 is sent again when the server names a time",
      script: { "GET /thing": [reply(429, { headers: { "retry-after": "0" } }), json("ok")] },
      async run(stage) {
        equal(await stage.api().get("/thing").json(), "ok", "body")
      },
    },
    {
      name: "a Retry-After beyond the deadline ends the call at once, with the reply and retryAt",
      script: { "GET /thing": json({ message: "in maintenance" }, 503, { headers: { "retry-after": "3600" } }) },
      async run(stage) {
        const before = Date.now()
        const outcome = await stage.api({ deadline: 20_000 }).get("/thing").outcome()
        check(outcome.kind === "server-error", `kind is ${outcome.kind}`)
        equal(outcome.error.serverMessage, "in maintenance", "serverMessage")
        const inMs = Number(outcome.retryAt) - before
        check(inMs > 3_590_000 && inMs < 3_620_000, `retryAt is in ${inMs} ms`)
        equal((await stage.over(1)).length, 1, "requests")
      },
    },
    {
      name: "when attempts end, the last reply comes back with the story of all",
      script: { "GET /thing": [reply(500), broken, reply(502, { body: "bad upstream" })] },
      async run(stage) {
        const outcome = await stage.api().get("/thing").outcome()
        check(outcome.kind === "server-error", `kind is ${outcome.kind}`)
        equal(await outcome.text(), "bad upstream", "body")
        const [first, second, third] = outcome.attempts
        equal([first?.status, second?.status, third?.status], [500, undefined, 502], "statuses")
        check(second?.failure !== undefined, "the second attempt's failure is told")
        check(
          outcome.attempts.every(({ durationMs }) => (durationMs ?? -1) >= 0),
          "durations are told",
        )
      },
    },
    {
      name: "the last real reply is not lost to an attempt without one",
      script: { "GET /thing": [json({ message: "restarting" }, 503), broken, broken] },
      async run(stage) {
        const outcome = await stage.api().get("/thing").outcome()
        check(outcome.kind === "server-error", `kind is ${outcome.kind}`)
        equal(outcome.error.serverMessage, "restarting", "serverMessage")
      },
    },
    {
      name: "where nobody listens, the call is tried again and ends without a reply",
      async run(stage) {
        const outcome = await stage.api({ baseUrl: stage.refused }).get("/thing").outcome()
        check(outcome.kind === "no-reply", `kind is ${outcome.kind}`)
        equal(outcome.error.code, stage.differs("vague-failures") ? "network" : "refused", "code")
        equal(outcome.attempts.length, 3, "attempts")
      },
    },
    {
      name: "a body that breaks off is fetched again",
      script: { "GET /thing": [broken, json("whole")] },
      async run(stage) {
        const outcome = await stage.api().get("/thing").outcome()
        check(outcome.kind === "success", `kind is ${outcome.kind}`)
        equal(await outcome.json(), "whole", "body")
        equal(outcome.attempts.length, 2, "attempts")
      },
    },
    {
      name: "chunks without their last one are a broken body",
      script: { "GET /thing": [reply(200, { body: "half", framing: "no-last-chunk" }), json("whole")] },
      async run(stage) {
        equal(await stage.api().get("/thing").json(), "whole", "body")
      },
    },
    {
      name: "a body shorter than its Content-Length is a broken body",
      script: { "GET /thing": [reply(200, { body: "half", framing: { contentLength: 400 } }), json("whole")] },
      async run(stage) {
        equal(await stage.api().get("/thing").json(), "whole", "body")
      },
    },
    {
      name: "a POST carries one Idempotency-Key on all its attempts",
      script: { "POST /things": [reply(500), busy, json("made", 201)] },
      async run(stage) {
        const api = stage.api({ idempotencyKey: { crossOrigin: true } })
        equal(await api.post("/things", { json: {} }).json(), "made", "body")
        const keys = (await stage.over(3)).map(({ headers }) => headers["idempotency-key"])
        check(keys[0] !== undefined && keys[0].length >= 16, `the key is ${keys[0]}`)
        equal(keys, [keys[0], keys[0], keys[0]], "keys")
      },
    },
    {
      name: "a POST to another origin carries a key unless a page would pay for it with a preflight",
      script: { "POST /things": json("made", 201) },
      async run(stage) {
        await stage.api().post("/things", { body: "x" })
        const [request] = await stage.over(1)
        const isKeyed = request?.headers["idempotency-key"] !== undefined
        equal(isKeyed, !stage.differs("no-key-across-origins"), "whether it has a key")
      },
    },
    {
      name: "a POST without a key, where nobody listens, is tried again only where that is certain",
      async run(stage) {
        const api = stage.api({ baseUrl: stage.refused, idempotencyKey: false })
        const outcome = await api.post("/things", { body: "x" }).outcome()
        check(outcome.kind === "no-reply", `kind is ${outcome.kind}`)
        equal(outcome.attempts.length, stage.differs("vague-failures") ? 1 : 3, "attempts")
      },
    },
    {
      name: "a GET that breaks on a kept connection is an attempt of its own",
      script: { "GET /warm": json("ok"), "GET /thing": [lost, json("repeated")] },
      async run(stage) {
        const outcome = await brokenOnKept(stage, "GET")
        equal(outcome.kind, stage.differs("repeats-gets") ? "success" : "no-reply", "kind")
      },
    },
    {
      name: "a POST that breaks on a kept connection is an attempt of its own",
      script: { "GET /warm": json("ok"), "POST /thing": [lost, json("repeated")] },
      async run(stage) {
        const outcome = await brokenOnKept(stage, "POST")
        equal(outcome.kind, stage.differs("repeats-posts") ? "success" : "no-reply", "kind")
      },
    },
    {
      name: "a POST without a key is not sent again after a 500",
      script: { "POST /things": [reply(500), json("made", 201)] },
      async run(stage) {
        const outcome = await stage.api({ idempotencyKey: false }).post("/things", { json: {} }).outcome()
        equal(outcome.kind, "server-error", "kind")
        equal((await stage.over(1)).length, 1, "requests")
      },
    },
    {
      name: "the budget bounds retries",
      script: { "GET /thing": reply(500) },
      async run(stage) {
        const api = stage.api({ retry: { attempts: 9, baseMs: 0, capMs: 0, budget: { capacity: 2, perSuccess: 0 } } })
        const error = await rejection(api.get("/thing").json())
        check(String(error).includes("budget"), String(error))
        equal((await stage.over(3)).length, 3, "requests")
      },
    },
  ],
}
