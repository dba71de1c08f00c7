import { join } from "node:path"
import { rehearse } from "@steadfetch/testing"
import { Webhook } from "standardwebhooks"
import { expect, onTestFinished, test } from "vitest"
import { Receivers } from "./receivers.ts"
import { newSecret } from "./signature.ts"
import { signing } from "./signing.ts"
import { folderForTest } from "./webhooks-for-test.ts"

async function receiversForTest(): Promise<{ readonly receivers: Receivers; readonly secret: string }> {
  const receivers = new Receivers(join(await folderForTest(), "receivers.db"))
  onTestFinished(() => receivers.close())
  const secret = newSecret()
  receivers.add({
    id: "crm",
    url: "https://api.test/hooks",
    isOrdered: false,
    secrets: [{ secret, signsUntil: undefined }],
    disabledBecause: undefined,
    failingSince: undefined,
    failedInRow: 0,
    last: undefined,
  })
  return { receivers, secret }
}

test("each attempt has a timestamp and a signature of its own, and the same id", async () => {
  const { receivers, secret } = await receiversForTest()
  const { api, server, run } = rehearse({ add: [signing(receivers)] })
  server.replies(503, { headers: { "retry-after": "5" } }).replies(204)
  const headers = { "webhook-id": "evt_1", "webhook-receiver": "crm" }
  await run(api.post("/hooks", { json: { n: 1 }, headers }).outcome())

  const fields = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const
  const [first = [], second = []] = server.requests.map((request) => fields.map((name) => request.header(name)))
  expect(Number(second[1]) - Number(first[1])).toBeGreaterThanOrEqual(5)
  expect(second[0]).toBe(first[0])
  expect(second[2]).not.toBe(first[2])
  for (const request of server.requests) {
    expect(request.header("webhook-receiver")).toBeUndefined()
    const timestamp = Number(request.header("webhook-timestamp"))
    const signed = new Webhook(secret).sign("evt_1", new Date(timestamp * 1000), '{"n":1}')
    expect(request.header("webhook-signature")).toBe(signed)
  }
})

test("an event for a receiver that is not there goes nowhere", async () => {
  const { receivers } = await receiversForTest()
  const { api, server, run } = rehearse({ add: [signing(receivers)] })
  const headers = { "webhook-receiver": "nobody" }
  await expect(run(api.post("/hooks", { json: 1, headers }).outcome())).rejects.toThrow(
    "the receiver of this event was removed",
  )
  expect(server.requests).toEqual([])
})
