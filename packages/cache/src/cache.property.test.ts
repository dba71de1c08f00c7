import { rehearse } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { cache, memoryStore, type CacheEntry } from "./index.ts"
import { sizeOf } from "./stored-reply.ts"

const seconds = fc.option(fc.nat(100), { nil: undefined })

/** What the server says to one request, and what happens before. */
const turn = fc.record({
  waitMs: fc.nat(60_000),
  method: fc.constantFrom("GET", "GET", "GET", "GET", "HEAD", "PUT"),
  path: fc.constantFrom("/a", "/b"),
  fails: fc.nat(2).map((chance) => chance === 0),
  maxAge: seconds,
  whileRevalidate: seconds,
  ifError: seconds,
  mustRevalidate: fc.nat(3).map((chance) => chance === 0),
  hasEtag: fc.boolean(),
})

type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never

function cacheControl({ maxAge, whileRevalidate, ifError, mustRevalidate }: Turn): string {
  const parts = [
    maxAge === undefined ? "" : `max-age=${maxAge}`,
    whileRevalidate === undefined ? "" : `stale-while-revalidate=${whileRevalidate}`,
    ifError === undefined ? "" : `stale-if-error=${ifError}`,
    mustRevalidate ? "must-revalidate" : "",
  ]
  return parts.filter(Boolean).join(", ") || "private"
}

test("what is served without the server's word is never older than the server allowed", () =>
  fc.assert(
    fc.asyncProperty(fc.array(turn, { minLength: 2, maxLength: 30 }), async (turns) => {
      const { api, server, run, clock } = rehearse({ retry: false, add: [cache()] })
      let [current, said] = [turns[0], ""]
      const sentAt = new Map<string, { readonly atMs: number; readonly turn: Turn }>()
      for (const [index, now] of turns.entries()) {
        await clock.advance(now.waitMs)
        // The body names the request that it answers, so that its age can be told.
        said = `${now.path} ${index}`
        current = now
        server.otherwise.replies(now.fails ? 503 : 200, {
          headers: { "cache-control": cacheControl(current), ...(now.hasEtag ? { etag: '"1"' } : {}) },
          body: said,
        })
        if (!now.fails) sentAt.set(said, { atMs: clock.now(), turn: now })
        const outcome = await run(api.request(now.method, now.path).outcome())
        await clock.settle()
        if (now.method !== "GET" || outcome.kind !== "success" || outcome.servedBy === undefined) continue
        const origin = sentAt.get(await outcome.text())
        if (origin === undefined) throw new Error("it was never said")
        const { maxAge = 0, whileRevalidate = 0, ifError = 0, mustRevalidate } = origin.turn
        const staleMs = clock.now() - origin.atMs - maxAge * 1000
        const graceMs = mustRevalidate ? 0 : Math.max(whileRevalidate, now.fails ? ifError : 0) * 1000
        expect(staleMs).toBeLessThan(graceMs || 1e-9)
        expect(outcome.servedBy).toBe(staleMs < 0 ? "cache" : "stale cache")
      }
      await clock.settle()
      expect([clock.pending, server.openBodies]).toEqual([0, 0])
    }),
    { numRuns: 150 },
  ))

function entryOf(bytes: number): CacheEntry {
  const lifetime = { freshMs: 0, ageMs: 0, whileRevalidateMs: 0, ifErrorMs: undefined, mustRevalidate: false }
  return {
    replies: [{ ...lifetime, status: 200, headers: [], bytes: new Uint8Array(bytes), vary: {}, requestedAt: 0 }],
  }
}

test("the memory never holds more than it may, and what was used last stays longest", () =>
  fc.assert(
    fc.property(
      fc.array(fc.record({ key: fc.nat(15).map(String), what: fc.constantFrom("set", "set", "get", "delete"), bytes: fc.nat(3000) }), { maxLength: 200 }),
      fc.integer({ min: 0, max: 8000 }),
      fc.integer({ min: 1, max: 8 }),
      (steps, maxBytes, maxEntries) => {
        const store = memoryStore({ maxBytes, maxEntries })
        // The model: keys in order of use, the last one last, and what each takes up.
        const model = new Map<string, number>()
        const total = (): number => [...model.values()].reduce((sum, each) => sum + each, 0)
        for (const { key, what, bytes } of steps) {
          const entry = entryOf(bytes)
          const size = sizeOf(entry) + 2 * key.length
          const known = model.get(key)
          model.delete(key)
          if (what === "set") store.set(key, entry)
          if (what === "delete") store.delete(key)
          const isFound = what === "get" ? store.get(key) !== undefined : known !== undefined
          expect(isFound).toBe(known !== undefined)
          if (what === "set" && size <= maxBytes) model.set(key, size)
          if (what === "get" && known !== undefined) model.set(key, known)
          for (const oldest of model.keys()) {
            if (total() <= maxBytes && model.size <= maxEntries) break
            model.delete(oldest)
          }
        }
        // Asked only at the end: to ask is to use. Shorter lists of steps see what is held on the way.
        const held = Array.from({ length: 16 }, (_, key) => String(key)).flatMap((key) => {
          const entry = store.get(key) as CacheEntry | undefined
          return entry === undefined ? [] : [[key, sizeOf(entry) + 2 * key.length] as const]
        })
        expect(new Map(held)).toEqual(model)
        expect(held.length).toBeLessThanOrEqual(maxEntries)
        expect(held.reduce((sum, [, size]) => sum + size, 0)).toBeLessThanOrEqual(maxBytes)
      },
    ),
    { numRuns: 300 },
  )) // prettier-ignore
