import { expect, test } from "vitest"
import { failure, steadfetch, StreamedBody, type Failure, type Outcome } from "./index.ts"

test("a streamed body that breaks off says why it is not fetched again, and asks for no correction", async () => {
  const source = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(failure("reset", "cut")) })
  const send = async (): Promise<Outcome> => {
    const body = new StreamedBody(source, undefined, (error) => error as Failure)
    return { kind: "reply", status: 200, url: undefined, headers: new Headers(), body }
  }
  const client = steadfetch({ transport: { send, close: async () => {} } })
  const outcome = await client.get("https://api.example.com/report").outcome({ reading: "stream" })
  if (outcome.kind !== "success") throw new TypeError(outcome.kind)
  await expect(outcome.text()).rejects.toThrow(
    /^GET https:\/\/api\.example\.com\/report → no reply: cut \(not retried: its body was handed over already\)$/,
  )
})
