import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { fieldValue, json, patternBytes, status } from "@steadfetch/testing/fault-server"
import { createHash } from "node:crypto"
import { beforeAll, expect, onTestFinished, test } from "vitest"
import { thisMachine } from "../../tools/system/machine.ts"
import { systemProgram } from "../../tools/system/system-program.ts"
import { house } from "./house.ts"

const run = promisify(execFile)
let curl = ""
let python = ""

// A gateway for any language is tried with more than one: without them the test fails.
beforeAll(async () => {
  curl = await systemProgram("curl", "curl")
  python = await systemProgram("python3", "python3")
}, 300_000)

test("curl gets through a server that fails twice", async () => {
  await using stage = await house({ "/users/7": [status(503), status(502), json(200, { id: 7 })] })
  const { stdout } = await run(curl, ["-sS", "-i", `${stage.origin}/users/7`])
  expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(stdout).toMatch(/\r\nSteadfetch-Attempts: 3\r\n/)
  expect(stdout.endsWith('\r\n\r\n{"id":7}')).toBe(true)
})

test("curl posts a file that it announces with Expect, and the second attempt sends the same bytes", async () => {
  await using stage = await house({ "/": [status(503), status(201)] })
  const { stdout } = await run("sh", [
    "-c",
    `head -c 3000000 /dev/zero | ${curl} -sS -o /dev/null -w '%{http_code}' -X POST -H 'Expect: 100-continue' --data-binary @- ${stage.origin}/`,
  ])
  expect(stdout).toBe("201")
  const sha256 = createHash("sha256").update(Buffer.alloc(3_000_000)).digest("hex")
  expect(stage.upstream.requests.map(({ body }) => body.sha256)).toEqual([sha256, sha256])
  const keys = stage.upstream.requests.map(({ headers }) => fieldValue(headers, "idempotency-key"))
  expect(new Set(keys).size).toBe(1)
})

test("curl decodes what it asked for, and asks for HTTP/2 in vain", async () => {
  await using stage = await house({ "/": status(200, { body: "words ".repeat(500), coding: { name: "gzip" } }) })
  const { stdout } = await run(curl, ["-sS", "--compressed", "--http2", stage.origin])
  expect(stdout).toBe("words ".repeat(500))
})

test("Python gets through a server that fails, uploads in chunks, and reads the story", async () => {
  await using stage = await house({
    "GET /a": [status(500), json(200, { id: 7 })],
    "POST /b": [status(503), { kind: "echo", status: 201 }],
    "GET /c": status(404, { body: '{"detail":"no such thing"}' }),
  })
  const program = `
import http.client, json, sys, urllib.request, urllib.error
origin = sys.argv[1]
with urllib.request.urlopen(origin + "/a") as reply:
    print(reply.status, json.load(reply)["id"], reply.headers["Steadfetch-Attempts"])
connection = http.client.HTTPConnection(origin[len("http://"):])
connection.request("POST", "/b", body=(bytes(range(256)) * 100 for _ in range(10)), encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
reply = connection.getresponse()
print(reply.status, json.load(reply)["body"]["lengthBytes"], reply.headers["Steadfetch-Story"].split(";")[0])
try:
    urllib.request.urlopen(origin + "/c")
except urllib.error.HTTPError as error:
    print(error.code, json.load(error)["detail"], error.headers["Steadfetch-Verdict"])
`
  const { stdout } = await run(python, ["-c", program, stage.origin])
  expect(stdout.trim().split("\n")).toEqual(["200 7 2", "201 256000 503", "404 no such thing correct"])
})

test("Python reads a long reply whole", async () => {
  const bytes = patternBytes(5_000_000)
  await using stage = await house({ "/": status(200, { body: { bytes: bytes.length } }) })
  const program = `import hashlib, sys, urllib.request; print(hashlib.sha256(urllib.request.urlopen(sys.argv[1]).read()).hexdigest())`
  const { stdout } = await run(python, ["-c", program, stage.origin])
  expect(stdout.trim()).toBe(createHash("sha256").update(bytes).digest("hex"))
})

// Its compiler is too large to be fetched for this: where it is missing, nothing is said of Go.
const compilers = [await thisMachine.find("go")].filter((path) => path !== undefined)

const GO_PROGRAM = `package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func show(response *http.Response, err error) {
	if err != nil {
		panic(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		panic(err)
	}
	response.Body.Close()
	attempts := response.Header.Get("Steadfetch-Attempts")
	fmt.Println(response.StatusCode, attempts, len(body), response.ContentLength)
}

func main() {
	origin := os.Args[1]
	show(http.Get(origin + "/a"))
	upload := io.MultiReader(strings.NewReader(strings.Repeat("a", 100000)), strings.NewReader("b"))
	show(http.Post(origin+"/b", "text/plain", upload))
	show(http.Head(origin + "/c"))
	show(http.Get(origin + "/d"))
}
`

test.each(compilers)(
  "Go gets through a server that fails, uploads in chunks, and reads a long reply whole: %s",
  async (go) => {
    const folder = await mkdtemp(join(tmpdir(), "steadfetch-go-"))
    onTestFinished(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, "main.go"), GO_PROGRAM)
    await using stage = await house({
      "GET /a": [status(500), status(200, { body: "words" })],
      "POST /b": [status(503), status(201)],
      "HEAD /c": status(200, { body: "words" }),
      "GET /d": status(200, { body: { bytes: 3_000_000 } }),
    })
    const env = { ...process.env, GOCACHE: join(folder, "cache") }
    const { stdout } = await run(go, ["run", join(folder, "main.go"), stage.origin], { env })
    expect(stdout.trim().split("\n")).toEqual(["200 2 5 5", "201 2 0 0", "200 1 0 5", "200 1 3000000 3000000"])
    expect(
      stage.upstream.requests.filter(({ method }) => method === "POST").map(({ body }) => body.lengthBytes),
    ).toEqual([100_001, 100_001])
  },
  300_000,
)
