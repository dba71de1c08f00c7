import type { Entry, Outbox } from "@steadfetch/outbox"
import { expect, test } from "vitest"
import { allEntries, beginningOf, entryOf } from "./entries.ts"
import { testEntry, testLists } from "./test-entry.ts"

const entries = ["0199c2a4-7b3e-7abc-8def-000000000001", "0199c2a4-7b3e-7abd-8def-000000000002", "01a00000-0000-7000-8000-000000000003"].map((id) => testEntry({ id })) // prettier-ignore

function outboxOf(all: readonly Entry[]): Outbox {
  const receipt = (id: string) => ({ status: async () => all.find((entry) => entry.id === id) })
  return { ...testLists(all), receipt } as unknown as Outbox
}

test("an entry is found by its id or the beginning of it", async () => {
  const outbox = outboxOf(entries)
  expect(await entryOf(outbox, "01a0")).toBe(entries[2])
  expect(await entryOf(outbox, "0199c2a4-7b3e-7abc")).toBe(entries[0])
  expect(await entryOf(outbox, "0199c2a4-7b3e-7abd-8def-000000000002")).toBe(entries[1])
})

test("a beginning that several have is refused, with what tells them apart", async () => {
  await expect(entryOf(outboxOf(entries), "0199")).rejects.toThrow(
    "2 ids begin with 0199: 0199c2a4-7b3e-7abd, 0199c2a4-7b3e-7abc; give more of it",
  )
})

test("a beginning that none has is unknown", async () => {
  await expect(entryOf(outboxOf(entries), "0500")).rejects.toMatchObject({ code: "unknown" })
})

test("all entries are read page by page, and no further after an interruption", async () => {
  const many = Array.from({ length: 2500 }, (_, index) =>
    testEntry({ id: `0199c2a4-7b3e-7abc-8def-${String(index).padStart(12, "0")}` }),
  )
  const read = async (signal: AbortSignal): Promise<number> => {
    let count = 0
    for await (const { id } of allEntries(outboxOf(many), {}, signal)) count += Number(id.length > 0)
    return count
  }
  expect(await read(new AbortController().signal)).toBe(2500)
  await expect(read(AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough")
})

test("of a body no more is read than is wanted", async () => {
  let read = 0
  async function* pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (;;) {
      read++
      yield new Uint8Array(10)
    }
  }
  const beginning = await beginningOf(testEntry({ body: async () => pieces() }), 25)
  expect([beginning?.bytes.byteLength, beginning?.isCut, read]).toEqual([25, true, 3])
  expect(await beginningOf(testEntry(), 25)).toBeUndefined()
})
