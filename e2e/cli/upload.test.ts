import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { patternBytes, startFaultServer, status } from "@steadfetch/testing/fault-server"
import { expect, test } from "vitest"
import { startCuttingProxy } from "../uploads/cutting-proxy.ts"
import { startTusServer } from "../uploads/tus-server.ts"
import { startSteadfetch, steadfetch } from "./steadfetch-process.ts"
import { temporaryFolder } from "./temporary-folder.ts"

const MB = 1_000_000

/** A folder with a file of so many bytes. */
async function folderWithFile(bytes: number): Promise<string> {
  const cwd = await temporaryFolder()
  await writeFile(join(cwd, "video.mp4"), patternBytes(bytes))
  return cwd
}

test("a file gets there; its URL is on standard output, a beginning and an end on standard error", async () => {
  await using server = await startTusServer()
  const cwd = await folderWithFile(3 * MB)
  const args = ["upload", "video.mp4", `${server.origin}/files`, "--chunk-bytes", "1000000", "--metadata", "kind=x y"]
  const { code, stdout, stderr } = await steadfetch(args, { cwd })
  expect(code).toBe(0)
  const url = stdout.toString().trimEnd()
  expect(url).toContain(`${server.origin}/files/`)
  expect((await server.bytesOf(url)).equals(patternBytes(3 * MB))).toBe(true)
  const { metadata } = JSON.parse(await readFile(`${server.fileOf(url)}.json`, "utf8")) as { metadata: unknown }
  expect(metadata).toEqual({ filename: "video.mp4", kind: "x y" })
  expect(server.asked).toEqual(["POST", "PATCH from 0", "PATCH from 1000000", "PATCH from 2000000"])
  expect(stderr).toMatch(/^video\.mp4 → http:\/\/127\.0\.0\.1:\d+\/files\ncomplete: 3\.0 MB in [^\n,]+\n$/)
  expect(await readdir(cwd)).toEqual(["video.mp4"])
})

test.each(["SIGINT", "SIGKILL"] as const)(
  "after %s in mid-transfer the same command goes on, to the byte",
  async (signal) => {
    await using server = await startTusServer()
    await using proxy = await startCuttingProxy(server.port, [{ afterBytes: 4 * MB, by: "silence" }])
    const cwd = await folderWithFile(9 * MB)
    const args = ["upload", "video.mp4", `${proxy.origin}/files`, "--chunk-bytes", "2500000"]
    const running = startSteadfetch(args, { cwd })
    await running.wrote("stderr", "→")
    await asked(server, 2)
    running.signal(signal)
    const cut = await running.ended
    expect(cut.stdout.toString()).toBe("")
    expect(await readdir(cwd)).toEqual(["video.mp4", "video.mp4.upload.json"])

    const { code, stdout } = await steadfetch(args, { cwd })
    expect(code).toBe(0)
    expect((await server.bytesOf(stdout.toString().trimEnd())).equals(patternBytes(9 * MB))).toBe(true)
    expect(server.asked.filter((request) => request === "POST")).toHaveLength(1)
    expect(await readdir(cwd)).toEqual(["video.mp4"])
  },
)

test("Ctrl-C says what the server has, and how to go on", async () => {
  await using server = await startTusServer()
  await using proxy = await startCuttingProxy(server.port, [{ afterBytes: 400_000, by: "silence" }])
  const cwd = await folderWithFile(9 * MB)
  const running = startSteadfetch(["upload", "video.mp4", `${proxy.origin}/files`], { cwd })
  await asked(server, 2)
  running.signal("SIGINT")
  const { code, stderr } = await running.ended
  expect(code).toBe(130)
  expect(stderr).toMatch(
    /\naborted by SIGINT after [\d.]+ m?s\nthe server has \d+ B; the same command goes on from there \(video\.mp4\.upload\.json\)\n$/,
  )
})

test("a connection that breaks costs a resume, and the end tells of it", async () => {
  await using server = await startTusServer()
  await using proxy = await startCuttingProxy(server.port, [{ afterBytes: 2 * MB, by: "reset" }])
  const cwd = await folderWithFile(5 * MB)
  const { code, stderr } = await steadfetch(["upload", "video.mp4", `${proxy.origin}/files`], { cwd })
  expect(code).toBe(0)
  expect(stderr).toMatch(/complete: 5\.0 MB in .*, 1 resume\n$/)
})

test.each([
  ["a client error is 4", status(403), [], 4, "403 Forbidden"],
  ["a server error is 5", status(500), ["--attempts", "1"], 5, "500 Internal Server Error"],
  ["a server that does not speak tus is 1", status(200), [], 1, "is it a tus server"],
])("%s", async (_, step, options, code, message) => {
  await using server = await startFaultServer({ "/files": step })
  const cwd = await folderWithFile(10)
  const ended = await steadfetch(["upload", "video.mp4", `${server.origin}/files`, ...options], { cwd })
  expect(ended.code).toBe(code)
  expect(ended.stderr).toContain(message)
})

test("a file that is not there, or no file, sends nothing and is 2", async () => {
  await using server = await startFaultServer({ "/files": status(201) })
  const cwd = await temporaryFolder()
  const missing = await steadfetch(["upload", "no.mp4", `${server.origin}/files`], { cwd })
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('the file "no.mp4" does not exist') })
  const folder = await steadfetch(["upload", cwd, `${server.origin}/files`], { cwd })
  expect(folder).toMatchObject({ code: 2, stderr: expect.stringContaining("is no regular file") })
  expect(server.requests).toEqual([])
})

test("a file that changes meanwhile is told in one line and is 1", async () => {
  await using server = await startTusServer()
  await using proxy = await startCuttingProxy(server.port, [{ afterBytes: 2 * MB, by: "silence" }])
  const cwd = await folderWithFile(9 * MB)
  const args = ["upload", "video.mp4", `${proxy.origin}/files`, "--timeout", "1s", "--chunk-bytes", "3000000"]
  const running = startSteadfetch(args, { cwd })
  await asked(server, 2)
  await writeFile(join(cwd, "video.mp4"), patternBytes(8 * MB))
  const { code, stderr } = await running.ended
  expect(code).toBe(1)
  expect(stderr).toMatch(/\n[^\n]*video\.mp4 changed while it was uploaded[^\n]*\n/)
  expect(stderr).not.toContain("    at ")
})

/** Resolves once the server was asked so often. */
async function asked(server: { readonly asked: readonly string[] }, times: number): Promise<void> {
  while (server.asked.length < times) await new Promise((resolve) => setImmediate(resolve))
}
