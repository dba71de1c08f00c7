import { hash } from "node:crypto"
import {
  fieldValue,
  patternBytes,
  reset,
  startFaultServer,
  status,
  type ReceivedRequest,
} from "@steadfetch/testing/fault-server"
import { createFetch, steadfetch } from "steadfetch"
import { expect, test } from "vitest"
import { HeldTime } from "../peers/held-time.ts"

const photo = Uint8Array.from(patternBytes(20_000))

function album(): FormData {
  const form = new FormData()
  form.append("title", 'Grüße, "Ada"\r\n☃')
  form.append("tag", "one")
  form.append("tag", "two")
  form.append('odd "name"\r\n', "value")
  form.append("photo", new File([photo], 'my "photo"\r\n☃.png', { type: "image/png" }))
  form.append("empty", new File([], "nothing.bin"))
  return form
}

/** The form that a request carried, in a shape that can be compared. */
async function formOf({ body, headers }: ReceivedRequest): Promise<unknown[]> {
  const type = fieldValue(headers, "content-type") ?? ""
  const form = await new Response(Uint8Array.from(body.kept), { headers: { "content-type": type } }).formData()
  return comparable(form)
}

function comparable(form: FormData): Promise<unknown[]> {
  return Promise.all(
    [...form].map(async ([name, value]) =>
      typeof value === "string"
        ? [name, value]
        : [name, value.name, value.type || "application/octet-stream", hash("sha256", await value.bytes())],
    ),
  )
}

const failingTwice = { "POST /": [status(503), reset("before-headers"), status(201)] }

test("the client sends a multipart form byte for byte the same on every attempt, and it is the form it was given", async () => {
  await using server = await startFaultServer(failingTwice)
  const time = new HeldTime()
  const api = steadfetch({ baseUrl: server.origin, runtime: time.runtime(), on: time.passingWaits })
  await api.post("/", { form: album() })
  const [first, ...others] = server.requests
  if (first === undefined) throw new Error("nothing was sent")
  expect(await formOf(first)).toEqual(await comparable(album()))
  expect(fieldValue(first.headers, "content-length")).toBe(String(first.body.lengthBytes))
  expect(others).toHaveLength(2)
  for (const other of others) {
    expect(other.body.sha256).toBe(first.body.sha256)
    expect(fieldValue(other.headers, "content-type")).toBe(fieldValue(first.headers, "content-type"))
  }
})

test("the drop-in sends the whole form on every attempt, in the platform's own writing", async () => {
  await using server = await startFaultServer(failingTwice)
  const time = new HeldTime()
  const steadyFetch = createFetch({ runtime: time.runtime(), on: time.passingWaits })
  expect((await steadyFetch(server.origin, { method: "POST", body: album() })).status).toBe(201)
  expect(server.requests).toHaveLength(3)
  for (const request of server.requests) expect(await formOf(request)).toEqual(await comparable(album()))
})
