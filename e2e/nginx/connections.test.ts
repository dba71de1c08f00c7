import { steadfetch } from "steadfetch"
import { beforeAll, expect, test } from "vitest"
import { json, startFaultServer } from "@steadfetch/testing/fault-server"
import { INSTALLING_MS, nginxProgram, startNginx } from "./nginx.ts"
import { ways, type Answer } from "./ways.ts"

beforeAll(nginxProgram, INSTALLING_MS)

const ANSWERS = `location / { return 200 "here"; }`

test.each(ways)(
  "%s needs no second attempt when nginx ends a connection after so many requests",
  async (_name, ask) => {
    await using nginx = await startNginx({ server: `keepalive_requests 3;\n${ANSWERS}` })
    let waits = 0
    const call = ask(nginx.origin, { on: { waiting: () => void waits++ } })
    const connections: (string | null)[] = []
    for (let calls = 0; calls < 9; calls++) connections.push((await call("/")).connection)
    expect(new Set(connections).size).toBeGreaterThanOrEqual(3)
    expect(waits).toBe(0)
  },
)

test.each(ways)("%s takes a fresh connection after nginx has ended an idle one", async (_name, ask) => {
  await using nginx = await startNginx({
    server: `keepalive_timeout 20ms;
      location = /open { stub_status; keepalive_timeout 0; }
      ${ANSWERS}`,
  })
  const call = ask(nginx.origin)
  const first = await call("/")
  // The asking connection is the only one left.
  await expect.poll(async () => (await call("/open")).text).toMatch(/^Active connections: 1\b/)
  const second = await call("/", { method: "POST", body: "gear" })
  expect(second.status).toBe(200)
  expect(second.connection).not.toBe(first.connection)
})

test.each(ways)("%s loses no call to an nginx that ends idle connections just then", async (_name, ask) => {
  await using upstream = await startFaultServer({ "POST /orders": json(201, { id: 7 }) })
  await using nginx = await startNginx({
    server: `keepalive_timeout 1ms;\nlocation / { proxy_pass ${upstream.origin}; }`,
  })
  const call = ask(nginx.origin)
  const answers: Answer[] = []
  for (let calls = 0; calls < 400; calls++) {
    answers.push(await call("/orders", { method: "POST", body: `gear ${calls}` }))
    await turns(calls % 20)
  }
  expect(answers.filter(({ status }) => status !== 201)).toEqual([])
  expect(new Set(answers.map(({ connection }) => connection)).size).toBeGreaterThan(1)
  const bodies = new Set(upstream.requests.map(({ body }) => Buffer.from(body.kept).toString()))
  expect(bodies.size).toBe(400)
})

/** Lets so many turns of the event loop pass: gaps of many lengths, so that some calls meet nginx in the act of closing. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

test.each(ways)("%s loses no call while nginx reloads", async (_name, ask) => {
  await using nginx = await startNginx({ server: ANSWERS })
  const call = ask(nginx.origin)
  const workers = new Set([(await call("/")).worker])
  const reload = { isUnderWay: true }
  const reloading = nginx.reload().finally(() => (reload.isUnderWay = false))
  while (reload.isUnderWay) {
    const { status, worker } = await call("/")
    expect(status).toBe(200)
    workers.add(worker)
  }
  await reloading
  workers.add((await call("/")).worker)
  expect(workers.size).toBe(2)
})

test.each(ways)("%s succeeds once an nginx that was stopped is back", async (_name, ask) => {
  await using nginx = await startNginx({ server: ANSWERS })
  let waits = 0
  const on = { waiting: () => void (++waits === 3 && nginx.start()) }
  const call = ask(nginx.origin, { on })
  await call("/")
  await nginx.stop()
  const answer = await call("/", { method: "POST", body: "gear" })
  expect(answer).toMatchObject({ status: 200, text: "here" })
  expect(waits).toBeGreaterThanOrEqual(3)
})

test("the failures on the way are told apart: refused while nginx is stopped", async () => {
  await using nginx = await startNginx({ server: ANSWERS })
  await nginx.stop()
  const outcome = await steadfetch({ baseUrl: nginx.origin, retry: { attempts: 3, baseMs: 1 } })
    .get("/")
    .outcome()
  expect(outcome.kind).toBe("no-reply")
  expect(outcome.attempts.map(({ failure }) => failure)).toEqual(["refused", "refused", "refused"])
})
