import { randomBytes } from "node:crypto"
import type { NewEntry } from "@steadfetch/outbox"

const content = randomBytes(400)
const body = new Uint8Array(randomBytes(1024))
let last = 0

/** An entry of about 1.5 kB, due at once or at an instant. */
export function entry(dueAt?: number): NewEntry {
  const now = Date.now()
  const time = now.toString(16).padStart(12, "0")
  const count = (++last).toString(16).padStart(12, "0")
  const process = randomBytes(2).toString("hex")
  return {
    id: `${time.slice(0, 8)}-${time.slice(8)}-7000-8${process.slice(1)}-${count}`,
    origin: "https://api.example.com",
    key: undefined,
    orderingKey: undefined,
    afterRejection: "hold",
    priority: 0,
    addedAt: now,
    dueAt: dueAt ?? now,
    expiresAt: now + 86_400_000,
    content,
    body,
  }
}
