import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import {
  fieldValue,
  json,
  redirect,
  startFaultServer,
  status,
  type ReceivedRequest,
} from "@steadfetch/testing/fault-server"
import { Webhook } from "standardwebhooks"
import { expect, test } from "vitest"
import { eventForTest, webhooksForTest } from "./webhooks-for-test.ts"

/** What a receiver understands that has this secret; it throws where it would refuse. */
function verified(request: ReceivedRequest | undefined, secret: string): unknown {
  const names = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const
  const headers = Object.fromEntries(names.map((name) => [name, fieldValue(request?.headers ?? [], name) ?? ""]))
  return new Webhook(secret).verify(Buffer.from(request?.body.kept ?? []), headers)
}

const idsOf = (requests: readonly ReceivedRequest[]): (string | undefined)[] =>
  requests.map(({ headers }) => fieldValue(headers, "webhook-id"))

test("an event comes to every receiver, signed for each, once however often it is published", async () => {
  await using server = await startFaultServer({ "POST /crm": status(204), "POST /billing": [status(503), status(204)] })
  const { webhooks } = await webhooksForTest()
  const crm = webhooks.add({ id: "crm", url: `${server.origin}/crm` })
  const billing = webhooks.add({ id: "billing", url: `${server.origin}/billing` })
  await webhooks.run()

  const receipts = await webhooks.publish(eventForTest("evt_1"))
  expect((await webhooks.publish(eventForTest("evt_1"))).map(({ isNew }) => isNew)).toEqual([false, false])
  for (const receipt of receipts) expect((await receipt.settled()).state).toBe("delivered")

  const to = (path: string): ReceivedRequest[] => server.requests.filter((request) => request.target === path)
  expect([to("/crm").length, to("/billing").length]).toEqual([1, 2])
  const { id: _, ...payload } = eventForTest("evt_1")
  expect(verified(to("/crm")[0], crm)).toEqual(payload)
  for (const request of to("/billing")) expect(verified(request, billing)).toEqual(payload)
  expect(() => verified(to("/crm")[0], billing)).toThrow("No matching signature found")
  expect(new Set(idsOf(server.requests))).toEqual(new Set(["evt_1"]))
  await webhooks.close()
})

test("no secret is in the outbox", async () => {
  await using server = await startFaultServer({ "POST /": status(503) })
  const { webhooks, folder, until } = await webhooksForTest()
  const secret = webhooks.add({ id: "crm", url: `${server.origin}/` })
  await webhooks.run()
  await webhooks.publish(eventForTest("evt_1"))
  await until("retrying evt_1")
  const files = (await readdir(folder)).filter((name) => name.startsWith("outbox.db"))
  const stored = Buffer.concat(await Promise.all(files.map((name) => readFile(join(folder, name)))))
  expect(stored.includes("evt_1")).toBe(true)
  for (const text of [secret, secret.slice("whsec_".length), "webhook-signature", "v1,"])
    expect(stored.includes(text)).toBe(false)
  await webhooks.close()
})

test("while a secret is changed receivers accept with either", async () => {
  await using server = await startFaultServer({ "POST /": status(204) })
  const { webhooks } = await webhooksForTest()
  const first = webhooks.add({ id: "crm", url: `${server.origin}/` })
  const second = webhooks.rotate("crm")
  await webhooks.run()
  for (const receipt of await webhooks.publish(eventForTest("evt_1"))) await receipt.settled()
  for (const secret of [first, second]) expect(() => verified(server.requests[0], secret)).not.toThrow()
  await webhooks.close()
})

test("410 Gone disables a receiver: what comes then is held, and sent when it is enabled", async () => {
  await using server = await startFaultServer({
    "POST /": [json(410, { message: "we have moved" }, { headers: { "retry-after": "1" } }), status(204)],
  })
  const { webhooks, until } = await webhooksForTest()
  webhooks.add({ id: "crm", url: `${server.origin}/` })
  await webhooks.run()
  await webhooks.publish(eventForTest("evt_1"))
  expect(await until("disabled crm")).toBe("disabled crm: it answered 410 Gone")
  const [held] = await webhooks.publish(eventForTest("evt_2"))
  expect(await webhooks.states()).toMatchObject([
    {
      id: "crm",
      disabledBecause: "it answered 410 Gone",
      waiting: 1,
      parked: 1,
      last: { status: 410, words: "we have moved" },
    },
  ])
  expect(idsOf(server.requests)).toEqual(["evt_1"])

  await webhooks.enable("crm")
  expect((await held?.settled())?.state).toBe("delivered")
  expect(await webhooks.resend("crm")).toBe(1)
  await until("delivered evt_1")
  expect(idsOf(server.requests)).toEqual(["evt_1", "evt_2", "evt_1"])
  const [state] = await webhooks.states()
  expect(state).toMatchObject({ waiting: 0, parked: 0, last: { status: 204 } })
  expect(state?.disabledBecause).toBeUndefined()
  await webhooks.close()
})

test("a receiver whose events expire one after the other is disabled; those that wait then are held", async () => {
  await using server = await startFaultServer({ "POST /": json(500, { message: "the disk is full" }) })
  const { webhooks, until } = await webhooksForTest({ lifetimeMs: 200, deadAfter: { failedInRow: 2 } })
  webhooks.add({ id: "crm", url: `${server.origin}/` })
  await webhooks.run()
  await webhooks.publish(eventForTest("evt_1"))
  await until("expired evt_1")
  await webhooks.publish(eventForTest("evt_2"))
  expect(await until("disabled crm")).toBe("disabled crm: 2 events in a row were refused or expired")
  const [held] = await webhooks.publish(eventForTest("evt_3"))
  expect((await held?.status())?.state).toBe("waiting")
  expect(idsOf(server.requests)).not.toContain("evt_3")
  await webhooks.close()
})

test("what is under way when a receiver is disabled is held when it comes back", async () => {
  await using server = await startFaultServer({ "POST /": status(503, { delayMs: 300 }) })
  const { webhooks, folder, until } = await webhooksForTest()
  webhooks.add({ id: "crm", url: `${server.origin}/` })
  await webhooks.run()
  await webhooks.publish(eventForTest("evt_1"))
  await server.received(1)
  await webhooks.disable("crm")
  await until("retrying evt_1")
  await webhooks.close()

  const later = await webhooksForTest({ folder })
  expect(await later.webhooks.states()).toMatchObject([{ waiting: 1, parked: 0 }])
  for await (const { dueAt } of later.webhooks.notAccepted("crm"))
    expect(dueAt.getTime()).toBeGreaterThan(Date.now() + 365 * 86_400_000)
  await later.webhooks.close()
})

test("an ordered receiver gets one event after the other, another one does not wait", async () => {
  await using server = await startFaultServer({
    "POST /ordered": [status(503), status(503), status(204)],
    "POST /any": [status(503), status(204)],
  })
  const { webhooks } = await webhooksForTest()
  webhooks.add({ id: "ordered", url: `${server.origin}/ordered`, isOrdered: true })
  webhooks.add({ id: "any", url: `${server.origin}/any` })
  const receipts = [
    ...(await webhooks.publish(eventForTest("evt_1"))),
    ...(await webhooks.publish(eventForTest("evt_2"))),
  ]
  await webhooks.run()
  for (const receipt of receipts) await receipt.settled()
  const to = (path: string): ReceivedRequest[] => server.requests.filter((request) => request.target === path)
  expect(idsOf(to("/ordered"))).toEqual(["evt_1", "evt_1", "evt_1", "evt_2"])
  expect(idsOf(to("/any"))).toHaveLength(3)
  await webhooks.close()
})

test.each([429, 503])("a %i that names no time is sent again", async (code) => {
  await using server = await startFaultServer({ "POST /": [status(code), status(204)] })
  const { webhooks, told } = await webhooksForTest()
  webhooks.add({ id: "crm", url: `${server.origin}/` })
  await webhooks.run()
  const [receipt] = await webhooks.publish(eventForTest("evt_1"))
  expect(await receipt?.settled()).toMatchObject({ state: "delivered", tries: 2 })
  await webhooks.close()
  expect(told.map((text) => text.split(" ")[0])).toEqual(["retrying", "delivered"])
})

test("a redirect is a refusal, and is not followed", async () => {
  await using server = await startFaultServer({ "POST /": redirect(307, "/elsewhere"), "POST /elsewhere": status(204) })
  const { webhooks, until } = await webhooksForTest()
  webhooks.add({ id: "crm", url: `${server.origin}/` })
  await webhooks.run()
  await webhooks.publish(eventForTest("evt_1"))
  expect(await until("rejected evt_1")).toContain("307")
  expect(server.requests.map(({ target }) => target)).toEqual(["/"])
  await webhooks.close()
})

test("a name that resolves to this machine is not called, and says why", async () => {
  await using server = await startFaultServer({ "POST /": status(204) })
  const { webhooks, until } = await webhooksForTest({ isLocal: false })
  webhooks.add({ id: "crm", url: `https://localhost:${server.port}/` })
  await webhooks.run()
  await webhooks.publish(eventForTest("evt_1"))
  const said = await until("retrying evt_1")
  expect(said).toMatch(/localhost resolves to (127\.0\.0\.1|::1), which is not a public address/)
  expect(server.totalConnections).toBe(0)
  await webhooks.close()
})

test("a receiver that is removed leaves nothing behind", async () => {
  await using server = await startFaultServer({ "POST /": status(404) })
  const { webhooks, until } = await webhooksForTest()
  webhooks.add({ id: "crm", url: `${server.origin}/` })
  await webhooks.run()
  const [receipt] = await webhooks.publish(eventForTest("evt_1"))
  await until("rejected evt_1")
  await webhooks.remove("crm")
  expect((await receipt?.status())?.state).toBe("discarded")
  expect(await webhooks.states()).toEqual([])
  await expect(webhooks.resend("crm")).rejects.toThrow('there is no receiver "crm"')
  await webhooks.close()
})

test.each([
  [{ id: "no spaces", url: "https://example.com" }, "is no name"],
  [{ id: "crm", url: "http://example.com" }, "begins with https://"],
])("%j is refused at the door", async (receiver, said) => {
  const { webhooks } = await webhooksForTest({ isLocal: false })
  expect(() => webhooks.add(receiver)).toThrow(said)
  await webhooks.close()
})

test("a name is taken once", async () => {
  const { webhooks } = await webhooksForTest()
  webhooks.add({ id: "crm", url: "http://127.0.0.1/" })
  expect(() => webhooks.add({ id: "crm", url: "http://127.0.0.1/" })).toThrow('there is a receiver "crm" already')
  await webhooks.close()
})
