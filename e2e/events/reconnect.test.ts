import {
  ClientError,
  eventStreams,
  lineStreams,
  NoReplyError,
  steadfetch,
  type MethodsOf,
  type Steadfetch,
} from "steadfetch"
import { describe, expect, test } from "vitest"
import { makeTransport, transportNames, type TransportName } from "../transports.ts"
import { sendInPieces, StreamServer, type Part } from "./stream-server.ts"

type Abilities = [typeof eventStreams, typeof lineStreams]

function client(server: StreamServer, transport: TransportName): Steadfetch<MethodsOf<Abilities>> {
  return steadfetch<Abilities>({
    baseUrl: server.origin,
    abilities: [eventStreams, lineStreams],
    transport: makeTransport(transport),
    retry: { baseMs: 1 },
  })
}

/** Sends this and then ends, drops the connection, or stays silent. */
function streams(body: string, then: "ends" | "drops" | "stays"): Part {
  return async (response) => {
    await sendInPieces(response, body, 7)
    if (then === "ends") response.end()
    if (then === "drops") response.destroy()
  }
}

const noContent: Part = (response) => response.writeHead(204).end()
const quickly = { afterMs: 1 }

describe.each(transportNames)("on %s", (transport) => {
  test("a stream goes on after drops, ends, silence and failures, each event once", async () => {
    await using server = await StreamServer.start(
      streams("retry: 1\nid: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: lost", "drops"),
      (response) => response.writeHead(503).end(),
      (response) => response.destroy(),
      streams("id: 3\ndata: c\n\n", "ends"),
      streams(": nothing yet\n\n", "stays"),
      streams("id: 茶\r\ndata: d\r\n\r\n", "ends"),
      noContent,
    )
    const api = client(server, transport)
    const seen: string[] = []
    const ends: string[] = []
    const events = api.get("/feed").events({ idleMs: 200, onReconnect: ({ error }) => ends.push(error.name) })
    for await (const { data, lastEventId } of events) seen.push(`${lastEventId}${data}`)
    expect(seen).toEqual(["1a", "2b", "3c", "茶d"])
    expect(ends).toEqual(["NoReplyError", "BodyError", "TimeoutError", "BodyError"])
    const utf8 = Buffer.from("茶").toString("latin1")
    expect(server.requests.map(({ lastEventId }) => lastEventId)).toEqual([undefined, "2", "2", "2", "3", "3", utf8])
    expect(new Set(server.requests.map(({ accept }) => accept))).toEqual(new Set(["text/event-stream"]))
    await api.close()
  })

  test("a refusal ends it at once, with the server's words", async () => {
    await using server = await StreamServer.start(streams("data: a\n\n", "drops"), (response) =>
      response.writeHead(401).end("log in again"),
    )
    const api = client(server, transport)
    const events = api.get("/feed").events({ reconnect: quickly })
    await events.next()
    const error = await events.next().catch((error: unknown) => error)
    expect(ClientError.is(error) && [error.status, error.serverMessage]).toEqual([401, "log in again"])
    expect(server.requests.length).toBe(2)
    await api.close()
  })

  test.each(["break", "abort"])("%s frees the connection at once, whoever waits", async (way) => {
    await using server = await StreamServer.start(streams("data: a\n\n", "stays"))
    const api = client(server, transport)
    const controller = new AbortController()
    const events = api.get("/feed", { signal: controller.signal }).events()
    await events.next()
    const next = events.next().catch((error: unknown) => error)
    if (way === "break") await events.return?.()
    else controller.abort("mine")
    expect(await next).toEqual(way === "break" ? { done: true, value: undefined } : "mine")
    await expect.poll(() => server.connections()).toBe(0)
    await api.close()
  })

  test("lines that arrived whole come before the error of a connection that drops", async () => {
    await using server = await StreamServer.start(streams('{"n":1}\n{"n":2}\n{"n":', "drops"))
    const api = client(server, transport)
    const seen: unknown[] = []
    const loop = async (): Promise<void> => { for await (const value of api.get("/log").jsonLines()) seen.push(value) } // prettier-ignore
    const error = await loop().catch((error: unknown) => error)
    expect(seen).toEqual([{ n: 1 }, { n: 2 }])
    expect(NoReplyError.is(error) && [error.code, error.message]).toEqual([
      "broken-body",
      expect.stringContaining("after 2 whole lines"),
    ])
    await api.close()
  })
})
