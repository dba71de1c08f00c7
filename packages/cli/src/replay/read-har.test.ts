import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { expect, onTestFinished, test } from "vitest"
import { Interruption } from "../exit-codes.ts"
import { testSurroundings } from "../test-surroundings.ts"
import { readHar } from "./read-har.ts"

async function fileOf(content: string | Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "steadfetch-replay-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, "recording.har")
  await writeFile(file, content)
  return file
}

const { surroundings } = testSurroundings()

test("a file is read, also one that begins with a byte order mark", async () => {
  expect(await readHar(await fileOf('{"log":{}}'), true, surroundings)).toEqual({ log: {} })
  expect(await readHar(await fileOf('\ufeff{"log":{}}'), true, surroundings)).toEqual({ log: {} })
})

test("- is standard input", async () => {
  const { surroundings } = testSurroundings({ stdin: Readable.from([Buffer.from('{"lo'), Buffer.from('g":{}}')]) })
  expect(await readHar("-", true, surroundings)).toEqual({ log: {} })
})

test("a file larger than what is kept is refused with the limit, one that fits to the byte is not", async () => {
  const file = await fileOf(`[${"]".padStart(1024 * 1024 - 1)}`)
  expect(await readHar(file, true, surroundings, 1024 * 1024)).toEqual([])
  await expect(readHar(file, true, surroundings, 1024 * 1024 - 1)).rejects.toThrow(
    /holds more than .* MiB, too much to keep; save fewer calls/,
  )
})

test.each([
  ['{"cookie": hush}', /is no JSON( \(see its character \d+\))?; is it a HAR, and whole\?$/],
  ['{"cookie": "hush', /is no JSON( \(see its character \d+\))?; is it a HAR, and whole\?/],
  ['{"a": 1 "cookie": "hush"}', /is no JSON \(see its character 8\); is it a HAR, and whole\?$/],
  ["", /is no JSON; is it a HAR, and whole\?$/],
  [Buffer.from("{}", "utf16le").subarray(0, 3), /is no JSON/],
  [Buffer.from([0xff, 0xfe, 0x7b, 0x00]), /is not UTF-8, as a HAR has to be; convert it$/],
])("%s is refused without being quoted", async (content, message) => {
  const error = await readHar(await fileOf(content), true, surroundings).catch((error: unknown) => error)
  expect(error).toMatchObject({ name: "UsageError", message: expect.stringMatching(message) })
  expect(String(error)).not.toContain("hush")
})

test("a file that is not there, and a folder, are told as such", async () => {
  await expect(readHar("/no/such.har", true, surroundings)).rejects.toThrow('the file "/no/such.har" does not exist')
  await expect(readHar(tmpdir(), true, surroundings)).rejects.toThrow("is a folder")
})

test("an interruption ends the reading", async () => {
  const interrupted = AbortSignal.abort(new Interruption("SIGINT"))
  const file = await fileOf("{}")
  await expect(readHar(file, true, testSurroundings({ interrupted }).surroundings)).rejects.toThrow("SIGINT")
})
