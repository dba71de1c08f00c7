import type { Step } from "@steadfetch/testing/fault-server"
import { eventStreams, lineStreams, NoReplyError, TimeoutError, type MethodsOf, type Steadfetch } from "steadfetch"
import { reply, type Group, type Stage } from "./case.ts"
import { check, equal, rejection } from "./check.ts"

const type = { "content-type": "text/event-stream" }
const silent = (body: string): Step =>
  reply(200, { headers: type, body: `${body}x`, cut: { at: "body", afterBytes: body.length, by: "silence" } })
const noContent = reply(204)

function client(stage: Stage): Steadfetch<MethodsOf<[typeof eventStreams, typeof lineStreams]>> {
  return stage.api().extend({ abilities: [eventStreams, lineStreams] })
}

async function all<T>(items: AsyncIterable<T>, seen: T[] = []): Promise<T[]> {
  for await (const item of items) seen.push(item)
  return seen
}

export const streams: Group = {
  name: "streams",
  cases: [
    {
      name: "events come whole, however their bytes are cut",
      script: {
        "GET /thing": [
          reply(200, {
            headers: type,
            body: "\uFEFF: hello\r\nevent: tea\r\nid: 1\r\ndata: 茶\r\ndata: 🍵\r\n\r\ndata: [1]\n\ndata: lost",
            framing: "chunked",
            trickle: { chunkBytes: 3, gapMs: 2 },
          }),
          noContent,
        ],
      },
      async run(stage) {
        const seen = await all(
          client(stage)
            .get("/thing")
            .events({ reconnect: { afterMs: 0 } }),
        )
        equal(
          seen.map(({ type, data, lastEventId }) => [type, data, lastEventId]),
          [
            ["tea", "茶\n🍵", "1"],
            ["message", "[1]", "1"],
          ],
          "events",
        )
        equal(seen[1]?.json(), [1], "JSON")
      },
    },
    {
      name: "a stream that drops goes on after its last event",
      script: {
        "GET /thing": [
          reply(200, {
            headers: type,
            body: "retry: 1\nid: 7\ndata: a\n\nid: 8\ndata: lost\n\n",
            framing: "chunked",
            trickle: { chunkBytes: 25, gapMs: 100 },
            cut: { at: "body", afterBytes: 30, by: "reset" },
          }),
          reply(200, { headers: type, body: "id: 8\ndata: b\n\n" }),
          noContent,
        ],
      },
      async run(stage) {
        const seen = await all(client(stage).get("/thing").events())
        equal(seen.map(({ data }) => data), ["a", "b"], "events") // prettier-ignore
        const requests = await stage.over(3)
        equal(requests.map(({ headers }) => headers["last-event-id"] ?? ""), ["", "7", "8"], "ids") // prettier-ignore
        equal(requests[0]?.headers["accept"], "text/event-stream", "Accept")
      },
    },
    {
      name: "a POST that breaks off is an error, and is not sent again",
      script: {
        "POST /thing": reply(200, {
          headers: type,
          body: "id: 7\ndata: a\n\ndata: lost\n\n",
          framing: "chunked",
          trickle: { chunkBytes: 15, gapMs: 100 },
          cut: { at: "body", afterBytes: 20, by: "reset" },
        }),
      },
      async run(stage) {
        const events = client(stage).post("/thing", { json: {} }).events()
        equal((await events.next()).value?.data, "a", "event")
        const error = await rejection(events.next())
        check(NoReplyError.is(error), `threw ${String(error)}`)
        check(error.message.includes('(last event id: "7")'), error.message)
        equal((await stage.over(1)).length, 1, "requests")
      },
    },
    {
      name: "leaving the loop frees the connection",
      script: { "GET /thing": silent("data: a\n\n") },
      async run(stage) {
        for await (const { data } of client(stage).get("/thing").events()) {
          equal(data, "a", "data")
          break
        }
        await stage.over(1)
      },
    },
    {
      name: "an abort ends the wait for an event with its reason",
      script: { "GET /thing": silent("data: a\n\n") },
      async run(stage) {
        const controller = new AbortController()
        const events = client(stage).get("/thing", { signal: controller.signal }).events()
        await events.next()
        const next = rejection(events.next())
        const reason = new Error("mine")
        controller.abort(reason)
        check((await next) === reason, "another reason")
        await stage.over(1)
      },
    },
    {
      name: "a connection without a byte is given up in time",
      script: { "POST /thing": silent(":\n\n") },
      async run(stage) {
        const error = await rejection(all(client(stage).post("/thing").events({ idleMs: 100 })))
        check(TimeoutError.is(error) && error.limit === "stall", `threw ${String(error)}`)
        await stage.over(1)
      },
    },
    {
      name: "JSON lines come as they arrive, and whole ones before the error of a body that breaks off",
      script: {
        "GET /thing": reply(200, {
          body: '{"tea":"茶"}\n2\n{"lost":1}\n',
          framing: "chunked",
          trickle: { chunkBytes: 3, gapMs: 10 },
          cut: { at: "body", afterBytes: 21, by: "reset" },
        }),
      },
      async run(stage) {
        const seen: unknown[] = []
        const error = await rejection(all(client(stage).get("/thing").jsonLines(), seen))
        equal(seen, [{ tea: "茶" }, 2], "values")
        check(NoReplyError.is(error) && error.code === "broken-body", `threw ${String(error)}`)
      },
    },
  ],
}
