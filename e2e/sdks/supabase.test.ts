import { createClient } from "@supabase/supabase-js"
import { createFetch, type Listeners } from "steadfetch"
import { expect, test } from "vitest"
import { fieldValue, json, startFaultServer, status, type FaultServer } from "@steadfetch/testing/fault-server"

function sdk({ origin }: { readonly origin: string }, on: Listeners = {}) {
  const fetch = createFetch({ retry: { baseMs: 1 }, on })
  return createClient(origin, "anon-key", {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: { fetch },
  })
}

const ROWS = "/rest/v1/orders"
const unavailable = json(503, { code: "PGRST001", message: "No connection to the database", details: null, hint: null })

function keys(server: FaultServer): (string | undefined)[] {
  return server.requests.map((request) => fieldValue(request.headers, "idempotency-key"))
}

test("selecting rows succeeds after a 503", async () => {
  await using server = await startFaultServer({ [`GET ${ROWS}`]: [unavailable, json(200, [{ id: 7 }])] })
  const { data, error } = await sdk(server).from("orders").select("id").eq("id", 7).retry(false)
  expect(error).toBeNull()
  expect(data).toEqual([{ id: 7 }])
  expect(server.requests.map(({ target }) => target)).toEqual([
    `${ROWS}?select=id&id=eq.7`,
    `${ROWS}?select=id&id=eq.7`,
  ])
})

test("inserting a row succeeds after a 503, with one key on both attempts", async () => {
  await using server = await startFaultServer({ [`POST ${ROWS}`]: [unavailable, json(201, [{ id: 8 }])] })
  const { data } = await sdk(server).from("orders").insert({ item: "gear" }).select()
  expect(data).toEqual([{ id: 8 }])
  expect(keys(server)).toEqual([expect.stringMatching(/^\S{16,}$/), keys(server)[0]])
  expect(server.requests[1]?.body.sha256).toBe(server.requests[0]?.body.sha256)
})

test("signing in succeeds after a 503", async () => {
  const user = { id: "u1", email: "ada@example.com", aud: "authenticated", app_metadata: {}, user_metadata: {} }
  await using server = await startFaultServer({
    "POST /auth/v1/token": [
      unavailable,
      json(200, { access_token: "t", refresh_token: "r", token_type: "bearer", expires_in: 3600, user }),
    ],
  })
  const { data, error } = await sdk(server).auth.signInWithPassword({ email: "ada@example.com", password: "secret" })
  expect(error).toBeNull()
  expect(data.user?.id).toBe("u1")
  expect(server.requests).toHaveLength(2)
})

test.each([
  ["a Blob", new Blob(["a picture"], { type: "image/png" })],
  ["bytes", new TextEncoder().encode("a picture")],
])("uploading %s to the storage succeeds after a 503", async (_kind, picture) => {
  await using server = await startFaultServer({
    "POST /storage/v1/object/pictures/ada.png": [unavailable, json(200, { Id: "1", Key: "pictures/ada.png" })],
  })
  const { data, error } = await sdk(server).storage.from("pictures").upload("ada.png", picture)
  expect(error).toBeNull()
  expect(data?.path).toBe("ada.png")
  expect(server.requests).toHaveLength(2)
  for (const { body } of server.requests) expect(Buffer.from(body.kept).toString()).toContain("a picture")
})

test("uploading a stream to the storage is not replayed: its 503 comes back", async () => {
  await using server = await startFaultServer({
    "POST /storage/v1/object/pictures/ada.png": [unavailable, json(200, { Id: "1", Key: "pictures/ada.png" })],
  })
  const stream = new Blob(["a picture"]).stream()
  const { error } = await sdk(server).storage.from("pictures").upload("ada.png", stream, { duplex: "half" })
  expect(error).toMatchObject({ status: 503, message: "No connection to the database" })
  expect(server.requests.map(({ body }) => Buffer.from(body.kept).toString())).toEqual(["a picture"])
})

test("an unending 503 is the SDK's error value with the server's words", async () => {
  await using server = await startFaultServer({ [`GET ${ROWS}`]: unavailable })
  const { error, status: code } = await sdk(server).from("orders").select().retry(false)
  expect(code).toBe(503)
  expect(error).toMatchObject({ code: "PGRST001", message: "No connection to the database" })
  expect(server.requests).toHaveLength(4)
})

test("with the SDK's retries on as well, a call outlives more failures than either alone", async () => {
  const atOnce = status(503, { headers: { "retry-after": "0" } })
  await using server = await startFaultServer({
    [`GET ${ROWS}`]: [atOnce, atOnce, atOnce, atOnce, atOnce, json(200, [{ id: 7 }])],
  })
  const { data } = await sdk(server).from("orders").select()
  expect(data).toEqual([{ id: 7 }])
  expect(server.requests).toHaveLength(6)
})

test("a 409 is the SDK's error value after one request", async () => {
  await using server = await startFaultServer({
    [`POST ${ROWS}`]: json(409, { code: "23505", message: "duplicate key value", details: "Key (id)=(7)", hint: null }),
  })
  const { error } = await sdk(server).from("orders").insert({ id: 7 })
  expect(error).toMatchObject({ code: "23505", message: "duplicate key value", details: "Key (id)=(7)" })
  expect(server.requests).toHaveLength(1)
})

test("aborting while the drop-in waits ends the call at once", async () => {
  await using server = await startFaultServer({ [`GET ${ROWS}`]: status(503, { headers: { "retry-after": "20" } }) })
  const user = new AbortController()
  const supabase = sdk(server, { waiting: () => user.abort() })
  const { error } = await supabase.from("orders").select().abortSignal(user.signal)
  expect(error?.message).toMatch(/abort/i)
  expect(server.requests).toHaveLength(1)
})
