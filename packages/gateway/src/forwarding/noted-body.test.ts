import { PassThrough, Readable } from "node:stream"
import { array, assert, asyncProperty, nat, string } from "fast-check"
import { expect, test } from "vitest"
import { BodyTooLongError, NotedBody, type NotingLimits } from "./noted-body.ts"

const LIMITS: NotingLimits = { memoryBytes: 20, fileBytes: 100, mostBytes: Number.POSITIVE_INFINITY }

function noted(pieces: readonly string[], limits: Partial<NotingLimits> = {}, length?: number): NotedBody {
  return new NotedBody(Readable.from(pieces.map((piece) => Buffer.from(piece)), { objectMode: false }), length, { ...LIMITS, ...limits }) // prettier-ignore
}

async function readFrom(body: NotedBody): Promise<string> {
  const content = body.open()
  if (content instanceof Uint8Array) return Buffer.from(content).toString()
  const pieces: Uint8Array[] = []
  for await (const piece of content as AsyncIterable<Uint8Array>) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

test.each([
  ["in memory", 3],
  ["in memory and in a file", 9],
])("a body noted %s is the same each time", async (_what, count) => {
  const pieces = Array.from({ length: count }, (_, index) => `piece ${index} `.slice(0, 6))
  const body = noted(pieces)
  for (let attempt = 0; attempt < 3; attempt++) expect(await readFrom(body)).toBe(pieces.join(""))
  expect(body.replayable).toBe(true)
  body.discard()
})

test("a body that is longer than is kept is sent once, and says so", async () => {
  const body = noted(Array.from({ length: 30 }, () => "piece "))
  expect(body.replayable).toBe(true)
  expect(await readFrom(body)).toHaveLength(180)
  expect(body.replayable).toBe(false)
})

test("a body known to be longer can be sent again as long as nobody has read of it", async () => {
  const body = noted(["a".repeat(200)], {}, 200)
  const never = body.open() as AsyncGenerator<Uint8Array>
  await never.return(undefined)
  expect(body.replayable).toBe(true)
  await readFrom(body)
  expect(body.replayable).toBe(false)
})

test("a body that is longer than is taken breaks off", async () => {
  await expect(readFrom(noted(["piece ", "piece "], { mostBytes: 11 }))).rejects.toThrow(BodyTooLongError)
  expect(await readFrom(noted(["piece ", "piece "], { mostBytes: 12 }))).toHaveLength(12)
})

test("an attempt that was cut off is followed by one that has all of it, what had not yet come included", async () => {
  const source = new PassThrough()
  const body = new NotedBody(source, undefined, LIMITS)
  source.write("one ")
  const first = body.open() as AsyncGenerator<Uint8Array>
  expect(String((await first.next()).value)).toBe("one ")
  // undici lets go of a body that waits for its next piece only when that has come.
  const waiting = first.next()
  const second = readFrom(body)
  source.end("two")
  expect(await second).toBe("one two")
  expect(String((await waiting).value)).toBe("two")
})

test("a short body can be had in one piece", async () => {
  const body = noted(["one ", "two"], {}, 7)
  await body.gather()
  expect(body.open()).toBeInstanceOf(Uint8Array)
  expect(await readFrom(body)).toBe("one two")
})

test("who still reads when the call has its reply reads on to the end", async () => {
  const source = new PassThrough()
  const body = new NotedBody(source, undefined, LIMITS)
  source.write("one ")
  const reader = body.open() as AsyncGenerator<Uint8Array>
  await reader.next()
  body.discard()
  expect(body.replayable).toBe(false)
  source.end("two")
  expect(String((await reader.next()).value)).toBe("two")
  expect((await reader.next()).done).toBe(true)
})

test("a caller who leaves breaks its body off, also for those who come later", async () => {
  const source = new PassThrough()
  const body = new NotedBody(source, 100, LIMITS)
  source.write("one ")
  const reading = readFrom(body)
  source.once("data", () => {})
  source.destroy()
  await expect(reading).rejects.toThrow("the caller left")
  await expect(readFrom(body)).rejects.toThrow("the caller left")
})

test("whatever the pieces, the limits and the order of reading, every reader gets the same bytes", async () => {
  await assert(
    asyncProperty(
      array(string({ minLength: 1, maxLength: 30, unit: "grapheme-ascii" }), { maxLength: 12 }),
      nat(60),
      array(nat(8), { minLength: 1, maxLength: 4 }),
      async (pieces, memoryBytes, cuts) => {
        const body = noted(pieces, { memoryBytes, fileBytes: 1000 })
        const readers = cuts.map(async (cut, index) => {
          // Some stop early, as attempts do that fail; the last one reads to the end.
          const content = body.open()
          if (content instanceof Uint8Array) return Buffer.from(content).toString()
          let text = ""
          let count = 0
          for await (const piece of content as AsyncIterable<Uint8Array>) {
            text += Buffer.from(piece).toString()
            if (index < cuts.length - 1 && ++count >= cut) break
          }
          return text
        })
        const texts = await Promise.all(readers)
        const whole = pieces.join("")
        expect(texts.at(-1)).toBe(whole)
        for (const text of texts) expect(whole.startsWith(text)).toBe(true)
        expect(await readFrom(body)).toBe(whole)
        body.discard()
      },
    ),
    { numRuns: 200 },
  )
})

test("a body that trickles in is noted in few pieces", async () => {
  const source = new PassThrough()
  const body = new NotedBody(source, undefined, { ...LIMITS, memoryBytes: 100_000 })
  const first = body.open() as AsyncGenerator<Uint8Array>
  for (let count = 0; count < 20_000; count++) {
    source.write(String(count % 10))
    await first.next()
  }
  const second = body.open() as AsyncGenerator<Uint8Array>
  source.end()
  const pieces: Uint8Array[] = []
  for await (const piece of second) pieces.push(piece)
  expect(Buffer.concat(pieces).toString()).toBe("0123456789".repeat(2000))
  expect(pieces.length).toBeLessThan(5)
})
