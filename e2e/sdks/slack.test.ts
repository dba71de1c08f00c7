/* oxlint-disable unicorn/require-post-message-target-origin -- Slack's method of that name, not a window's */
import { ErrorCode, LogLevel, WebClient, type WebClientOptions } from "@slack/web-api"
import { createFetch } from "steadfetch"
import { expect, test } from "vitest"
import {
  fieldValue,
  json,
  redirect,
  stall,
  startFaultServer,
  status,
  type FaultServer,
} from "@steadfetch/testing/fault-server"

const POST_MESSAGE = "POST /api/chat.postMessage"
const MESSAGE = { channel: "C1", text: "hello" }

function sdk(server: FaultServer, options: WebClientOptions = {}): WebClient {
  return new WebClient("xoxb-test", {
    slackApiUrl: `${server.origin}/api/`,
    logLevel: LogLevel.ERROR,
    retryConfig: { retries: 0 },
    fetch: createFetch({ retry: { baseMs: 1 } }),
    ...options,
  })
}

test("a message is posted after a 503, with the same body and key on both attempts", async () => {
  await using server = await startFaultServer({ [POST_MESSAGE]: [status(503), json(200, { ok: true, ts: "1.2" })] })
  const { ts } = await sdk(server).chat.postMessage(MESSAGE)
  expect(ts).toBe("1.2")
  const [first, second] = server.requests
  expect(Buffer.from(second?.body.kept ?? []).toString()).toBe("channel=C1&text=hello")
  expect(second?.headers).toEqual(first?.headers)
  expect(fieldValue(second?.headers ?? [], "idempotency-key")).toMatch(/\S{16,}/)
})

test("a 429 that names a time is waited for, and the SDK's own pause of all calls is not needed", async () => {
  await using server = await startFaultServer({
    [POST_MESSAGE]: [status(429, { headers: { "retry-after": "0" } }), json(200, { ok: true, ts: "1.2" })],
  })
  const slack = sdk(server, { rejectRateLimitedCalls: true })
  await expect(slack.chat.postMessage(MESSAGE)).resolves.toMatchObject({ ok: true })
  expect(server.requests).toHaveLength(2)
})

test("a 200 that says no is the SDK's platform error after one request", async () => {
  await using server = await startFaultServer({ [POST_MESSAGE]: json(200, { ok: false, error: "channel_not_found" }) })
  await expect(sdk(server).chat.postMessage(MESSAGE)).rejects.toMatchObject({
    code: ErrorCode.PlatformError,
    data: { error: "channel_not_found" },
  })
  expect(server.requests).toHaveLength(1)
})

test("an unending 503 is the SDK's HTTP error with the server's words", async () => {
  await using server = await startFaultServer({ [POST_MESSAGE]: status(503, { body: "upstream is away" }) })
  await expect(sdk(server).chat.postMessage(MESSAGE)).rejects.toMatchObject({
    code: ErrorCode.HTTPError,
    statusCode: 503,
    body: "upstream is away",
  })
  expect(server.requests).toHaveLength(4)
})

test("a redirect, which the SDK forbids, is its error after one request and no outage", async () => {
  await using server = await startFaultServer({ [POST_MESSAGE]: redirect(307, "/elsewhere") })
  await expect(sdk(server).chat.postMessage(MESSAGE)).rejects.toMatchObject({ code: ErrorCode.RequestError })
  expect(server.requests).toHaveLength(1)
})

test("the SDK's timeout ends a request without an answer, and no attempt follows", async () => {
  await using server = await startFaultServer({ [POST_MESSAGE]: stall("before-headers") })
  await expect(sdk(server, { timeout: 100 }).chat.postMessage(MESSAGE)).rejects.toMatchObject({
    code: ErrorCode.RequestError,
    original: { name: "TimeoutError" },
  })
  await server.finished(1)
  expect(server.requests).toHaveLength(1)
})

test("a file goes up through all three steps although each fails once", async () => {
  await using server = await startFaultServer({
    "POST /api/files.getUploadURLExternal": [
      status(503),
      json(200, { ok: true, upload_url: "{origin}/upload/1", file_id: "F1" }),
    ],
    "POST /upload/1": [status(502), status(200, { body: "OK" })],
    "POST /api/files.completeUploadExternal": [status(504), json(200, { ok: true, files: [{ id: "F1" }] })],
  })
  const content = Buffer.from("the minutes of the meeting")
  await sdk(server).filesUploadV2({ channel_id: "C1", file: content, filename: "minutes.txt" })
  const uploads = server.requests.filter(({ path }) => path === "/upload/1")
  expect(uploads).toHaveLength(2)
  for (const { body } of uploads) expect(Buffer.from(body.kept).toString()).toContain("the minutes of the meeting")
  expect(server.requests).toHaveLength(6)
})
