import { virtualClock } from "@steadfetch/testing"
import { expect, test } from "vitest"
import { readStdin } from "./read-stdin.ts"
import { recordedOutput, testSurroundings } from "./test-surroundings.ts"

/** What stands on the terminal while standard input takes three seconds for two pieces. */
async function shown(quiet: boolean): Promise<string> {
  const clock = virtualClock()
  const { output, text } = recordedOutput(true)
  async function* slowly(): AsyncGenerator<Uint8Array> {
    for (const length of [1000, 500]) {
      yield new Uint8Array(length)
      await new Promise<void>((resolve) => void clock.after(1500, resolve))
    }
  }
  const stdin = Object.assign(slowly(), { destroy: () => {} })
  const { surroundings } = testSurroundings({ stdin, clock })
  const reading = { reader: "--data", what: "the body", fix: "put it in a file", quiet }
  const read = readStdin(reading, { ...surroundings, stderr: output })
  await clock.advance(4000)
  expect((await read).byteLength).toBe(1500)
  expect(clock.pending).toBe(0)
  return text()
}

test("a terminal sees that a slow pipe is read, and how much came, until all is there", async () => {
  const text = await shown(false)
  expect(text).toMatch(/^\rreads the body from standard input: 1\.0 kB/)
  expect(text).toContain("\rreads the body from standard input: 1.5 kB")
  expect(text.endsWith("\r\u001b[K")).toBe(true)
})

test("who is quiet sees nothing of it", async () => {
  expect(await shown(true)).toBe("")
})
