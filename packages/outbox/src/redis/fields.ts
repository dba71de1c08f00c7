import type { AfterRejection, EntryState } from "../entry.ts"
import type { NewEntry, StoredEntry } from "../store.ts"

/** An entry as Redis gives it: names and values in turn. */
export type Fields = readonly Buffer[]

/** An entry of its fields. */
export function entryOf(fields: Fields): StoredEntry {
  const values = new Map<string, Buffer>()
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [name, value] = fields.slice(index, index + 2)
    if (name !== undefined && value !== undefined) values.set(name.toString(), value)
  }
  const text = (name: string): string | undefined => values.get(name)?.toString()
  const number = (name: string): number => Number(text(name))
  const bytes = (name: string): Uint8Array | undefined => values.get(name)
  return {
    id: text("id") ?? "",
    state: text("state") as EntryState,
    version: number("version"),
    origin: text("origin") ?? "",
    key: text("key"),
    orderingKey: text("orderingKey"),
    afterRejection: text("afterRejection") as AfterRejection,
    priority: number("priority"),
    addedAt: number("addedAt"),
    changedAt: number("changedAt"),
    dueAt: number("dueAt"),
    expiresAt: number("expiresAt"),
    tries: number("tries"),
    content: bytes("content") ?? new Uint8Array(),
    bodyBytes: values.has("bodyBytes") ? number("bodyBytes") : undefined,
    result: bytes("result"),
  }
}

/** What the script that adds takes of an entry. @param body When it does not lie ready. */
export function addingArguments(
  entry: NewEntry,
  bodyBytes: number | undefined,
  body: Uint8Array,
): (string | number | Buffer)[] {
  const { id, origin, key, orderingKey, afterRejection, priority, addedAt, dueAt, expiresAt, content } = entry
  const optional = (value: string | undefined): string[] => (value === undefined ? ["", "0"] : [value, "1"])
  return [
    id,
    origin,
    ...optional(key),
    ...optional(orderingKey),
    afterRejection,
    priority,
    addedAt,
    dueAt,
    expiresAt,
    bufferOf(content),
    bodyBytes ?? "",
    bufferOf(body),
  ]
}

/** What was added, as it stands then. */
export function added(entry: NewEntry, bodyBytes: number | undefined): StoredEntry {
  const { body: _body, ...kept } = entry
  return { ...kept, state: "waiting", version: 1, changedAt: entry.addedAt, tries: 0, bodyBytes, result: undefined }
}

/** The same bytes, as the client of Redis takes them. */
export const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
