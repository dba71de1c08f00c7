import { promises as fs } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { receiveBody, type Transport } from "steadfetch"
import { toFile } from "./download-file.ts"
import type { Files } from "./download-place.ts"
import { steadfetch } from "../steadfetch.ts"

interface Version {
  readonly text: string
  readonly etag: string
}

const OLD: Version = { text: "o".repeat(50) + "O".repeat(40), etag: '"old"' }
const NEW: Version = { text: "n".repeat(70) + "N".repeat(20), etag: '"new"' }

/** An honest server of one file, which sends it in pieces. */
function serving({ text, etag }: Version): Transport {
  return {
    async send(exchange) {
      const asked = (name: string) => exchange.request.headers.find(([key]) => key === name)?.[1]
      const isRange = asked("if-range") === etag
      const from = isRange ? Number(/\d+/.exec(asked("range") ?? "")?.[0]) : 0
      const pieces = new TextEncoder().encode(text.slice(from))
      const source = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < pieces.length; at += 32) controller.enqueue(pieces.slice(at, at + 32))
          controller.close()
        },
      })
      const status = !isRange ? 200 : from < text.length ? 206 : 416
      const range = status === 416 ? `bytes */${text.length}` : `bytes ${from}-${text.length - 1}/${text.length}`
      const headers = new Headers({ etag, ...(status === 200 ? {} : { "content-range": range }) })
      const body = await receiveBody(source, status, exchange, (error) => { throw error }) // prettier-ignore
      if ("kind" in body) throw new Error(body.message)
      return { kind: "reply", status, url: undefined, headers, body }
    },
    close: async () => {},
  }
}

/** A file system on which a process is killed: after so many steps nothing happens any more. */
class Killed {
  steps: number
  isOver = false
  readonly #handles: { close(): Promise<void> }[] = []

  constructor(steps: number) {
    this.steps = steps
  }

  readonly files: Files = this.#dying(fs)

  #dying<T extends object>(real: T): T {
    return new Proxy(real, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== "function") return value
        return async (...given: unknown[]) => {
          if (this.steps-- <= 0) {
            // Half of what is being written may still get there.
            if (name === "write" && !this.isOver) await value.apply(target, [given[0], given[1], 16, given[3]])
            this.isOver = true
            throw new Error("killed")
          }
          const result: unknown = await value.apply(target, given)
          if (name !== "open") return result
          this.#handles.push(result as { close(): Promise<void> })
          return this.#dying(result as object)
        }
      },
    })
  }

  /** What the end of a process does. */
  async bury(): Promise<void> {
    for (const handle of this.#handles) await handle.close().catch(() => {})
  }
}

let directory: string

beforeEach(async () => {
  directory = await fs.mkdtemp(join(tmpdir(), "killed-"))
})

afterEach(() => fs.rm(directory, { recursive: true }))

function download(version: Version, files: Files, file: string) {
  return toFile(steadfetch({ transport: serving(version) }).get("https://api.test/file"), file, {}, files)
}

/** Kills a first process when its part has a piece. */
async function leavePart(file: string): Promise<void> {
  const killed = new Killed(10)
  await download(OLD, killed.files, file).catch(() => {})
  await killed.bury()
  expect((await fs.stat(`${file}.part`)).size).toBeGreaterThan(0)
}

describe.each<[string, Version, Version, boolean]>([
  ["the file is the same afterwards", OLD, OLD, false],
  ["the file has changed afterwards", OLD, NEW, false],
  ["it had gone on from another one's part", OLD, OLD, true],
  ["it had begun anew after another one's part", NEW, NEW, true],
  ["that, and the file is again what it was", NEW, OLD, true],
])("wherever a process is killed, and %s,", (_, before, after, isSecond) => {
  test("the next download brings all of it", async () => {
    let resumed = 0
    let steps = 0
    for (let isKilled = true; isKilled; steps++) {
      const file = join(directory, `${steps}.bin`)
      if (isSecond) await leavePart(file)
      const killed = new Killed(steps)
      await download(before, killed.files, file).catch(() => {})
      await killed.bury()
      isKilled = killed.isOver
      const there = await fs.readFile(file, "utf8").catch(() => before.text)
      expect(there).toBe(before.text)
      resumed += (await download(after, fs, file)).resumedBytes
      expect(await fs.readFile(file, "utf8")).toBe(after.text)
    }
    expect(steps).toBeGreaterThan(10)
    expect(resumed > 0).toBe(before === after || isSecond)
    expect((await fs.readdir(directory)).filter((name) => !/^\d+\.bin$/.test(name))).toEqual([])
  })
})
