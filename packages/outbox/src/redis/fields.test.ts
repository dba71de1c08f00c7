import { expect, test } from "vitest"
import type { NewEntry } from "../store.ts"
import { added, addingArguments, entryOf } from "./fields.ts"

const entry: NewEntry = {
  id: "01900000-0000-7000-8000-000000000001",
  origin: "https://api.example.com",
  key: "order-17",
  orderingKey: undefined,
  afterRejection: "skip",
  priority: -5,
  addedAt: 1_900_000_000_000,
  dueAt: 1_900_000_000_001,
  expiresAt: 1_900_000_000_002,
  content: new Uint8Array([0, 255, 10]),
  body: undefined,
}

test("an entry is read from its fields", () => {
  const fields = Object.entries(added(entry, 7))
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [Buffer.from(name), Buffer.from(value instanceof Uint8Array ? value : String(value))])
  const read = entryOf(fields)
  expect({ ...read, content: [...read.content] }).toEqual({ ...added(entry, 7), content: [0, 255, 10] })
})

test("fields that later versions add are passed over", () => {
  expect(entryOf([Buffer.from("color"), Buffer.from("red")])).toMatchObject({ key: undefined, bodyBytes: undefined })
})

test("an empty key is told from none, and an empty body from none", () => {
  const none = new Uint8Array()
  expect(addingArguments({ ...entry, key: "" }, 0, none).slice(2, 6)).toEqual(["", "1", "", "0"])
  expect(addingArguments({ ...entry, key: undefined }, undefined, none).slice(2, 6)).toEqual(["", "0", "", "0"])
  expect(addingArguments(entry, 0, none).at(-2)).toBe(0)
  expect(addingArguments(entry, undefined, none).at(-2)).toBe("")
})
