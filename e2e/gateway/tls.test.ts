import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createSecureServer } from "node:http2"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeAll, expect, onTestFinished, test } from "vitest"
import { startSteadfetch } from "../cli/steadfetch-process.ts"
import { selfMade, type SelfMade } from "../node/self-made-certificates.ts"
import { ask } from "./caller.ts"

let own: SelfMade

beforeAll(async () => {
  own = await selfMade("steadfetch's gateway over TLS")
})

async function gatewayTo(port: number, authority?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "steadfetch-tls-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, "ca.pem")
  await writeFile(file, authority ?? "")
  const running = startSteadfetch(
    ["gateway", "--upstream", `https://127.0.0.1:${port}`, "--port", "0", "--admin-port", "none", "--attempts", "1"],
    authority === undefined ? {} : { env: { NODE_EXTRA_CA_CERTS: file } },
  )
  onTestFinished(() => running.signal("SIGKILL"))
  return /http:\/\/127[\d.:]+/.exec(await running.wrote("stderr", "hands requests on"))?.[0] ?? ""
}

test("a server that speaks HTTP/2 is spoken to in it: fields, lines of one name, interim replies, bodies both ways", async () => {
  const server = createSecureServer(own).listen(0)
  onTestFinished(() => void server.close())
  server.on("session", (session) => {
    session.on("error", () => {})
    onTestFinished(() => session.destroy())
  })
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {})
    stream.additionalHeaders({ ":status": 103, link: "</a>" })
    stream.respond({
      ":status": 201,
      "set-cookie": ["a=1", "b=2"],
      "x-path": String(headers[":path"]),
      "x-via": headers["via"],
    })
    stream.pipe(stream)
  })
  await once(server, "listening")
  const origin = await gatewayTo((server.address() as AddressInfo).port, own.cert)
  const body = Buffer.alloc(300_000, "words ")
  const answer = await ask(origin, "/a?b", { method: "POST", body })
  expect(answer).toMatchObject({ status: 201, isWhole: true, interim: [103] })
  expect(answer.headers).toMatchObject({
    "set-cookie": ["a=1", "b=2"],
    "x-path": "/a?b",
    "x-via": expect.stringContaining("steadfetch-") as string,
  })
  expect(answer.bytes.equals(body)).toBe(true)
})

test("a certificate that nobody vouches for is a problem with its fix, and is not tried again", async () => {
  const server = createServer(own, (_req, res) => res.end("x")).listen(0)
  onTestFinished(() => void server.close())
  await once(server, "listening")
  const answer = await ask(await gatewayTo((server.address() as AddressInfo).port))
  expect([answer.status, answer.headers["steadfetch-verdict"]]).toEqual([502, "correct"])
  expect(JSON.parse(answer.text)).toMatchObject({
    code: "upstream-tls",
    detail: expect.stringContaining("NODE_EXTRA_CA_CERTS") as string,
  })
})
