import { createReadStream, readFileSync } from "node:fs"
import { Octokit } from "@octokit/rest"
import { createFetch, type Listeners } from "steadfetch"
import { expect, test } from "vitest"
import {
  fieldValue,
  json,
  redirect,
  refusedPort,
  startFaultServer,
  status,
  type Step,
} from "@steadfetch/testing/fault-server"

const HERE = { owner: "ada", repo: "engine" }
const ISSUES = "/repos/ada/engine/issues"
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

function sdk({ origin }: { readonly origin: string }, on: Listeners = {}): Octokit {
  const fetch = createFetch({ retry: { baseMs: 1 }, on })
  return new Octokit({ auth: "token-1", baseUrl: origin, log: silent, request: { fetch } })
}

/** GitHub's page for times when it is not there: HTML, not JSON. */
const unicorn: Step = status(503, {
  headers: { "content-type": "text/html; charset=utf-8" },
  body: "<html><head><title>Unicorn!</title></head><body>No server is available</body></html>",
})

test("reading succeeds after a 503", async () => {
  await using server = await startFaultServer({
    [`GET ${ISSUES}/7`]: [unicorn, json(200, { number: 7, title: "It turns" })],
  })
  const { data } = await sdk(server).issues.get({ ...HERE, issue_number: 7 })
  expect(data.title).toBe("It turns")
  expect(server.requests.map((request) => fieldValue(request.headers, "authorization"))).toEqual([
    "token token-1",
    "token token-1",
  ])
})

test("creating succeeds after a 503, with one key on both attempts", async () => {
  await using server = await startFaultServer({ [`POST ${ISSUES}`]: [unicorn, json(201, { number: 8 })] })
  const { data } = await sdk(server).issues.create({ ...HERE, title: "It stops" })
  expect(data.number).toBe(8)
  const keys = server.requests.map((request) => fieldValue(request.headers, "idempotency-key"))
  expect(keys).toEqual([expect.stringMatching(/^\S{16,}$/), keys[0]])
  expect(server.requests.map(({ body }) => Buffer.from(body.kept).toString())).toEqual([
    `{"title":"It stops"}`,
    `{"title":"It stops"}`,
  ])
})

test("a list is paged through although every page fails once", async () => {
  const next = `<{origin}${ISSUES}?page=2>; rel="next"`
  await using server = await startFaultServer({
    [`GET ${ISSUES}`]: [
      unicorn,
      json(200, [{ number: 1 }], { headers: { link: next } }),
      unicorn,
      json(200, [{ number: 2 }]),
    ],
  })
  const octokit = sdk(server)
  const issues = await octokit.paginate(octokit.issues.listForRepo, HERE)
  expect(issues.map(({ number }) => number)).toEqual([1, 2])
})

test("an unending 503 is the SDK's RequestError with the server's words", async () => {
  await using server = await startFaultServer({ [`GET ${ISSUES}/7`]: unicorn })
  const call = sdk(server).issues.get({ ...HERE, issue_number: 7 })
  await expect(call).rejects.toMatchObject({
    name: "HttpError",
    status: 503,
    message: expect.stringContaining("No server is available") as string,
  })
  expect(server.requests).toHaveLength(4)
})

test.each([
  [401, "Bad credentials"],
  [404, "Not Found"],
  [422, "Validation Failed"],
])("a %i is the SDK's RequestError after one request", async (code, message) => {
  await using server = await startFaultServer({
    [`GET ${ISSUES}/7`]: json(code, { message, documentation_url: "https://docs.github.com/rest" }),
  })
  const call = sdk(server).issues.get({ ...HERE, issue_number: 7 })
  await expect(call).rejects.toMatchObject({
    name: "HttpError",
    status: code,
    message: `${message} - https://docs.github.com/rest`,
  })
  expect(server.requests).toHaveLength(1)
})

test("GitHub's secondary rate limit, a 403 that names a time, is waited for", async () => {
  await using server = await startFaultServer({
    [`GET ${ISSUES}/7`]: [
      json(403, { message: "You have exceeded a secondary rate limit" }, { headers: { "retry-after": "0" } }),
      json(200, { number: 7 }),
    ],
  })
  await sdk(server).issues.get({ ...HERE, issue_number: 7 })
  expect(server.requests).toHaveLength(2)
})

test("a moved repository is followed, and its 503 retried", async () => {
  await using server = await startFaultServer({
    [`GET ${ISSUES}/7`]: redirect(301, "{origin}/repositories/1/issues/7"),
    "GET /repositories/1/issues/7": [unicorn, json(200, { number: 7 })],
  })
  const { url } = await sdk(server).issues.get({ ...HERE, issue_number: 7 })
  expect(url).toBe(`${server.origin}/repositories/1/issues/7`)
  expect(server.requests.map(({ path }) => path)).toEqual([
    `${ISSUES}/7`,
    "/repositories/1/issues/7",
    `${ISSUES}/7`,
    "/repositories/1/issues/7",
  ])
})

test("a server that cannot be reached is the SDK's RequestError, its cause kept", async () => {
  await using nowhere = await refusedPort()
  await expect(sdk(nowhere).issues.get({ ...HERE, issue_number: 7 })).rejects.toMatchObject({
    name: "HttpError",
    status: 500,
    cause: { cause: { code: "ECONNREFUSED" } },
  })
})

test("aborting while the drop-in waits ends the call at once", async () => {
  await using server = await startFaultServer({
    [`GET ${ISSUES}/7`]: status(503, { headers: { "retry-after": "20" } }),
  })
  const user = new AbortController()
  const octokit = sdk(server, { waiting: () => user.abort() })
  const call = octokit.issues.get({ ...HERE, issue_number: 7, request: { signal: user.signal } })
  await expect(call).rejects.toSatisfy((error) => error === user.signal.reason)
  expect(server.requests).toHaveLength(1)
})

const ASSETS = "POST /repos/ada/engine/releases/1/assets"
/** Any file will do: this one. */
const PATH = import.meta.filename
const CONTENT = readFileSync(PATH, "utf8")
const ASSET = { ...HERE, release_id: 1, name: "engine.bin" }

test("an asset given as bytes arrives whole after a 503", async () => {
  await using server = await startFaultServer({ [ASSETS]: [unicorn, json(201, { id: 1, state: "uploaded" })] })
  const { data } = await sdk(server).repos.uploadReleaseAsset({
    ...ASSET,
    baseUrl: server.origin,
    data: Buffer.from(CONTENT) as unknown as string,
  })
  expect(data.state).toBe("uploaded")
  expect(server.requests.map(({ body }) => Buffer.from(body.kept).toString())).toEqual([CONTENT, CONTENT])
})

test("an asset given as a file stream is not replayed: its 503 comes back", async () => {
  await using server = await startFaultServer({ [ASSETS]: [unicorn, json(201, { id: 1, state: "uploaded" })] })
  const upload = sdk(server).repos.uploadReleaseAsset({
    ...ASSET,
    baseUrl: server.origin,
    data: createReadStream(PATH) as unknown as string,
  })
  await expect(upload).rejects.toMatchObject({ name: "HttpError", status: 503 })
  expect(server.requests.map(({ body }) => Buffer.from(body.kept).toString())).toEqual([CONTENT])
})
