import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { afterAll, beforeAll, expect, test } from "vitest"
import { Interruption } from "../exit-codes.ts"
import { testSurroundings } from "../test-surroundings.ts"
import { requestBody, type BodyOptions } from "./body.ts"

let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steadfetch-cli-"))
  await writeFile(join(folder, "body.bin"), Uint8Array.of(0, 255, 10))
  await writeFile(join(folder, "order.json"), '{ "id": 12345678901234567890 }\n')
})
afterAll(() => rm(folder, { recursive: true }))

const body = (options: BodyOptions, stdin: (Uint8Array | string)[] = []) =>
  requestBody(options, testSurroundings({ stdin: Readable.from(stdin) }).surroundings)

async function blobOf(options: BodyOptions, stdin?: (Uint8Array | string)[]): Promise<Blob> {
  const blob = await body(options, stdin)
  if (!(blob instanceof Blob)) throw new TypeError("the body is no Blob")
  return blob
}

test("without options there is no body", async () => {
  expect(await body({})).toBeUndefined()
})

test("JSON is sent as it was written, numbers beyond a double included", async () => {
  const inline = await blobOf({ json: '{ "id": 12345678901234567890 }' })
  expect([inline.type, await inline.text()]).toEqual(["application/json", '{ "id": 12345678901234567890 }'])
  const file = await blobOf({ json: `@${join(folder, "order.json")}` })
  expect(await file.text()).toBe('{ "id": 12345678901234567890 }\n')
})

test.each(["-", "@-"])("JSON %s comes from standard input", async (given) => {
  expect(await (await blobOf({ json: given }, ["[1,", "2]"])).text()).toBe("[1,2]")
})

test("what is no JSON is refused with the place and the way out", async () => {
  await expect(body({ json: "{a:1}" })).rejects.toThrow(/^--json is no JSON: .* or send it as it is with --data$/)
  await expect(body({ json: "-" }, ["oops"])).rejects.toThrow(/^standard input is no JSON/)
})

test("data is text, a file or standard input, byte for byte", async () => {
  expect(await body({ data: "hello" })).toBe("hello")
  expect(await (await blobOf({ data: `@${join(folder, "body.bin")}` })).bytes()).toEqual(Uint8Array.of(0, 255, 10))
  expect(await body({ data: "-" }, [Uint8Array.of(0, 255), Uint8Array.of(13, 10)])).toEqual(
    Uint8Array.of(0, 255, 13, 10),
  )
})

test("a form without files is urlencoded", async () => {
  expect(await body({ form: ["a=1", "b=x y", "a=2"] })).toEqual(new URLSearchParams("a=1&b=x+y&a=2"))
})

test("a form with a file is multipart", async () => {
  const form = await body({ form: ["title=Cat", `photo=@${join(folder, "body.bin")}`] })
  if (!(form instanceof FormData)) throw new TypeError("the body is no FormData")
  const photo = form.get("photo")
  expect(form.get("title")).toBe("Cat")
  expect(photo).toMatchObject({ name: "body.bin", size: 3 })
})

test("a file that cannot be read is refused with its name", async () => {
  await expect(body({ data: "@nowhere.bin" })).rejects.toThrow('--data: the file "nowhere.bin" does not exist')
  await expect(body({ json: `@${folder}` })).rejects.toThrow("is a folder")
})

test("an interruption ends the reading of standard input", async () => {
  const interruption = new AbortController()
  const stdin = new Readable({ read: () => interruption.abort(new Interruption("SIGINT")) })
  const { surroundings } = testSurroundings({ stdin, interrupted: interruption.signal })
  await expect(requestBody({ data: "-" }, surroundings)).rejects.toThrow(Interruption)
})
