import { randomBytes } from "node:crypto"
import type { NewEntry } from "@steadfetch/outbox"

const content = new Uint8Array(randomBytes(400))
const body = new Uint8Array(randomBytes(1024))
/** Keeps the ids of several processes apart. */
const ofProcess = randomBytes(2).toString("hex").slice(1)
let last = 0

/** An entry of about 1.5 kB, due at once, with whatever is to be otherwise. */
export function newEntry(parts: Partial<NewEntry> = {}): NewEntry {
  const now = Date.now()
  const time = now.toString(16).padStart(12, "0")
  const count = (++last).toString(16).padStart(12, "0")
  return {
    id: `${time.slice(0, 8)}-${time.slice(8)}-7000-8${ofProcess}-${count}`,
    origin: "https://api.example.com",
    key: undefined,
    orderingKey: undefined,
    afterRejection: "hold",
    priority: 0,
    addedAt: now,
    dueAt: now,
    expiresAt: now + 86_400_000,
    content,
    body,
    ...parts,
  }
}
