import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import {
  fieldValue,
  json,
  patternBytes,
  refusedPort,
  startFaultServer,
  status,
  type Script,
} from "@steadfetch/testing/fault-server"
import { describe, expect, test } from "vitest"
import { firstDifference, startRangeServer } from "../downloads/range-server.ts"
import { appeared, grown } from "./growth.ts"
import { startSteadfetch, steadfetch, type Given } from "./steadfetch-process.ts"
import { temporaryFolder } from "./temporary-folder.ts"

const MB = 1_000_000

/** Downloads from a server that plays the script, in a folder of its own. */
async function downloading(script: Script, args: (origin: string) => string[], given: Given = {}) {
  await using server = await startFaultServer(script)
  const cwd = given.cwd ?? (await temporaryFolder())
  const { code, stdout, stderr } = await steadfetch(["download", ...args(server.origin)], { ...given, cwd })
  return { code, stdout: stdout.toString(), stderr, cwd, requests: [...server.requests] }
}

const report = (name: string): Script => ({
  "/report": status(200, {
    body: { bytes: 300_000 },
    headers: { "content-disposition": `attachment; filename=${name}` },
  }),
})

describe("a download that is whole", () => {
  test("has the server's name and bytes; its path is on standard output, a beginning and an end on standard error", async () => {
    const { code, stdout, stderr, cwd } = await downloading(report('"of May.csv"'), (origin) => [`${origin}/report`])
    expect({ code, stdout }).toEqual({ code: 0, stdout: "of May.csv\n" })
    expect(stderr).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/report → \.\ncomplete: 300 kB in [^\n]+\n$/)
    expect(await readdir(cwd)).toEqual(["of May.csv"])
    expect((await readFile(join(cwd, "of May.csv"))).equals(patternBytes(300_000))).toBe(true)
  })

  test("goes to the file that is named, and replaces another one when that is asked for", async () => {
    const cwd = await temporaryFolder()
    await writeFile(join(cwd, "mine.bin"), "old")
    const args = (origin: string): string[] => [`${origin}/report`, "mine.bin"]
    const refused = await downloading(report("x"), args, { cwd })
    expect(refused).toMatchObject({ code: 1, stdout: "", requests: [] })
    expect(refused.stderr).toContain(
      "mine.bin is there already; remove it, choose another place, or give --overwrite\n",
    )
    expect(await readFile(join(cwd, "mine.bin"), "utf8")).toBe("old")
    const replaced = await downloading(report("x"), (origin) => [...args(origin), "--overwrite"], { cwd })
    expect(replaced).toMatchObject({ code: 0, stdout: "mine.bin\n" })
  })

  test("--quiet leaves the path alone", async () => {
    const quiet = await downloading(report("x"), (origin) => [`${origin}/report`, "-q"])
    expect(quiet).toMatchObject({ code: 0, stdout: "x\n", stderr: "" })
  })

  test("header fields, query parameters and the token go along", async () => {
    const args = ["--query", "a=b c", "-H", "X-One: 1", "--bearer-env", "TOKEN"]
    const { requests, stderr } = await downloading(report("x"), (origin) => [`${origin}/report`, ...args], {
      env: { TOKEN: "sesame-open-up" },
    })
    expect(requests[0]?.target).toBe("/report?a=b+c")
    expect(fieldValue(requests[0]?.headers ?? [], "x-one")).toBe("1")
    expect(fieldValue(requests[0]?.headers ?? [], "authorization")).toBe("Bearer sesame-open-up")
    expect(stderr).not.toContain("sesame")
  })
})

describe("a download that was cut off", () => {
  test("by Ctrl-C keeps what came, says how to go on, and the same command ends it to the byte", async () => {
    await using server = await startRangeServer({ lengthBytes: 8 * MB, stallsAfterBytes: 3 * MB })
    const cwd = await temporaryFolder()
    const running = startSteadfetch(["download", server.url, "large.bin"], { cwd })
    await running.wrote("stderr", "→ large.bin")
    await grown(join(cwd, "large.bin.part"), 2 * MB)
    running.signal("SIGINT")
    const cut = await running.ended
    expect({ code: cut.code, stdout: cut.stdout.toString() }).toEqual({ code: 130, stdout: "" })
    expect(cut.stderr).toMatch(/\naborted by SIGINT after [\d.]+ m?s\n/)
    expect(cut.stderr).toMatch(/\n\d\.\d MB is in large\.bin\.part; the same command goes on from there\n$/)

    const { code, stderr } = await steadfetch(["download", server.url, "large.bin"], { cwd })
    expect(code).toBe(0)
    expect(stderr).toMatch(/complete: 8\.0 MB in .* MB of it from before, sha-256 verified\n$/)
    expect(server.ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d{6}-$/)])
    expect(await firstDifference(join(cwd, "large.bin"), 8 * MB)).toBeUndefined()
    expect(await readdir(cwd)).toEqual(["large.bin"])
  })

  test("by Ctrl-C under a name that the server gives goes on as well", async () => {
    await using server = await startRangeServer({ lengthBytes: 8 * MB, stallsAfterBytes: 3 * MB })
    const cwd = await temporaryFolder()
    const running = startSteadfetch(["download", server.url], { cwd })
    await grown(await appeared(cwd, /\.part$/), 2 * MB)
    running.signal("SIGINT")
    expect((await running.ended).stderr).toMatch(/\d MB is in download-\w+\.part; the same command goes on/)
    expect(await steadfetch(["download", server.url, "-q"], { cwd })).toMatchObject({ code: 0, stderr: "" })
    expect(await firstDifference(join(cwd, "large.bin"), 8 * MB)).toBeUndefined()
  })

  test("by kill -9 goes on as well", async () => {
    await using server = await startRangeServer({ lengthBytes: 8 * MB, stallsAfterBytes: 3 * MB })
    const cwd = await temporaryFolder()
    const running = startSteadfetch(["download", server.url, "large.bin"], { cwd })
    await grown(join(cwd, "large.bin.part"), 2 * MB)
    running.signal("SIGKILL")
    await running.ended
    expect((await steadfetch(["download", server.url, "large.bin"], { cwd })).code).toBe(0)
    expect(server.ranges[1]).toMatch(/^bytes=[1-9]\d{6}-$/)
    expect(await firstDifference(join(cwd, "large.bin"), 8 * MB)).toBeUndefined()
  })

  test("by the connection goes on by itself, and the end counts how often", async () => {
    await using server = await startRangeServer({ lengthBytes: 5 * MB, cutEveryBytes: 2 * MB })
    const cwd = await temporaryFolder()
    const { code, stderr } = await steadfetch(["download", server.url], { cwd })
    expect(code).toBe(0)
    expect(stderr).toMatch(/complete: 5\.0 MB in .*, 2 resumes, sha-256 verified\n$/)
  })
})

describe("a download that failed", () => {
  test("with a client error exits with 4 and the server's explanation, without what could command a terminal", async () => {
    const gone = json(404, { detail: "no\u001b[2Jsuch\u009bfile" })
    const { code, stdout, stderr, cwd } = await downloading({ "/x": gone }, (origin) => [`${origin}/x`])
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" })
    expect(stderr).toMatch(/404 Not Found: no \[2Jsuch file/)
    // oxlint-disable-next-line no-control-regex
    expect(stderr).not.toMatch(/[\u001b\u009b]/)
    expect(await readdir(cwd)).toEqual([])
  })

  test("with a server error exits with 5 after its attempts", async () => {
    const busy = status(503, { headers: { "retry-after": "0" } })
    const { code, requests } = await downloading({ "/x": busy }, (origin) => [`${origin}/x`, "--attempts", "2"])
    expect(code).toBe(5)
    expect(requests).toHaveLength(2)
  })

  test("without a reply exits with 7", async () => {
    await using nobody = await refusedPort()
    const cwd = await temporaryFolder()
    const { code, stderr } = await steadfetch(["download", `${nobody.origin}/x`, "--retries", "0"], { cwd })
    expect(code).toBe(7)
    expect(stderr).toContain("ECONNREFUSED")
  })

  test("with a wrong digest exits with 1, and leaves nothing", async () => {
    const digest = `sha-256=${"0".repeat(64)}`
    const { code, stderr, cwd } = await downloading(report("x"), (origin) => [`${origin}/report`, "--digest", digest])
    expect(code).toBe(1)
    expect(stderr).toContain("not the right ones")
    expect(await readdir(cwd)).toEqual([])
  })

  test("before it began, by a folder that is not there, exits with 2", async () => {
    const { code, stderr, requests } = await downloading(report("x"), (origin) => [`${origin}/report`, "no/such/file"])
    expect({ code, requests }).toEqual({ code: 2, requests: [] })
    expect(stderr).toContain("there is no such directory; create it")
  })
})

test("a credential in the URL is not shown", async () => {
  const { code, stderr } = await downloading({ "/f": status(200, { body: "x" }) }, (origin) => [
    `${origin}/f?api_key=sesame`,
  ])
  expect(code).toBe(0)
  expect(stderr).toContain("/f?api_key=REDACTED → .")
  expect(stderr).not.toContain("sesame")
})

test("a file name that commands terminals does not get there", async () => {
  const { stdout, cwd } = await downloading(report(`"a\u009b2Jb.csv"`), (origin) => [`${origin}/report`])
  // oxlint-disable-next-line no-control-regex
  expect(stdout).not.toMatch(/[\u001b\u009b]/)
  expect(await readdir(cwd)).toEqual([stdout.trimEnd()])
})
