import { failure, steadfetch, StreamedBody, type Outcome, type Transport } from "steadfetch"
import { expect, test } from "vitest"
import { drained } from "./drained.ts"

/** A transport whose body has so many pieces, after which it ends or breaks off; how many were read is told. */
function streaming(pieces: number, breaksOff = false) {
  let read = 0
  const source = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (read < pieces) controller.enqueue(new Uint8Array(1000 * ++read))
        else if (breaksOff) controller.error(new Error("broken"))
        else controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  const body = new StreamedBody(source, undefined, () => failure("reset", "broke off"))
  const reply: Outcome = { kind: "reply", status: 200, url: undefined, headers: new Headers(), body }
  const transport: Transport = { send: async () => reply, close: async () => {} }
  return { api: steadfetch({ transport: drained(transport), retry: { attempts: 1 } }), readSoFar: () => read }
}

test("a body is received to its end, and not kept", async () => {
  const { api, readSoFar } = streaming(5)
  const outcome = await api.get("https://api.example.com/large").outcome()
  expect(outcome.kind === "success" && (await outcome.text())).toBe("")
  expect(readSoFar()).toBe(5)
})

test("one that breaks off is a failed attempt", async () => {
  const { api } = streaming(2, true)
  const outcome = await api.get("https://api.example.com/large").outcome()
  expect(outcome).toMatchObject({ kind: "no-reply", attempts: [{ failure: "reset" }] })
})
