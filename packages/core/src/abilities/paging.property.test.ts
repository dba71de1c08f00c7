import { getEventListeners } from "node:events"
import { rehearse } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { byCursor, byLink, byNextUrl, byOffset, byPage, paging, type PagesOptions, type PagingStyle } from "../index.ts"

/** What a server says when a page is asked for, before it says the page. */
const trouble = fc.constantFrom("503", "429", "reset", "broken", "404")

const page = fc.record({
  size: fc.nat(4),
  delayMs: fc.nat(300),
  troubles: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(trouble, { maxLength: 4 })),
})

/** How the list goes on, and whether the first page tells it. */
const kinds = ["link", "next", "cursor", "page", "offset"] as const
type Kind = (typeof kinds)[number]

const scenario = fc.record({
  seed: fc.integer(),
  kind: fc.constantFrom(...kinds),
  isTold: fc.boolean(),
  prefetch: fc.boolean(),
  byItem: fc.boolean(),
  workMs: fc.nat(400),
  pages: fc.array(page, { minLength: 1, maxLength: 6 }),
})

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

const styles: Readonly<Record<Kind, () => PagingStyle>> = {
  link: () => byLink(),
  next: () => byNextUrl("next"),
  cursor: () => byCursor({ cursor: "response_metadata.next_cursor", query: "cursor" }),
  page: () => byPage({ totalPages: "total_pages" }),
  offset: () => byOffset({ total: "total" }),
}

/** A client and a server of such pages; page n of them holds the next numbers, and offsets allow no empty ones. */
function play({ seed, kind, pages }: Scenario) {
  const it = rehearse({ seed, retry: { attempts: 3, baseMs: 100 }, abilities: [paging] })
  const sizes = pages.map(({ size }) => (kind === "offset" ? size + 1 : size))
  const all = Array.from({ length: sizes.reduce((sum, size) => sum + size, 0) }, (_, index) => index)
  let offset = 0
  for (const [index, { delayMs, troubles }] of pages.entries()) {
    const isLast = index === pages.length - 1
    const items = all.slice(offset, offset + (sizes[index] ?? 0))
    const bodies: Readonly<Record<Kind, unknown>> = {
      link: items,
      next: { results: items, next: isLast ? null : `/list?to=${index + 1}` },
      cursor: { members: items, response_metadata: { next_cursor: isLast ? "" : `c${index + 1}` } },
      page: { data: items, page: index + 1, total_pages: pages.length },
      offset: { data: items, offset, total: all.length },
    }
    const headers = kind === "link" && !isLast ? { link: `</list?to=${index + 1}>; rel="next"` } : {}
    for (const trouble of troubles) {
      if (trouble === "reset") it.server.fails("reset", { delayMs })
      else if (trouble === "broken") it.server.replies(200, { body: { json: items }, breaksAfterBytes: 1, delayMs })
      else it.server.replies(Number(trouble), { headers: trouble === "429" ? { "retry-after": "1" } : {}, delayMs })
    }
    it.server.replies(200, { body: { json: bodies[kind] }, headers, delayMs })
    offset += items.length
  }
  return { ...it, all, sizes }
}

interface Ended {
  readonly error: unknown
  readonly resumeAt: string | undefined
}

type Play = ReturnType<typeof play>

/** How many different pages were asked for. */
const asked = ({ server }: Play): number => new Set(server.requests.map(({ url }) => url)).size

/** On how many pages the items up to this one are; where pages are empty, at most so many. */
const pagesUpTo = (sizes: readonly number[], count: number): number => {
  let sum = 0
  const whole = sizes.findIndex((size) => (sum += size) > count)
  return whole === -1 ? sizes.length : whole + 1
}

/** One reading: hands items to `take` until it says stop, and works on each, or on each page, for a while. */
async function readList(
  it: Play,
  { kind, isTold, prefetch, byItem, workMs }: Scenario,
  options: PagesOptions & { signal?: AbortSignal },
  take: (item: number) => boolean,
): Promise<Ended> {
  const { signal, ...rest } = options
  const by = isTold ? styles[kind]() : undefined
  const pages = it.api.get("/list", { signal }).pages<number>({ by, prefetch, ...rest })
  const work = (): Promise<void> => new Promise((resolve) => it.clock.after(workMs, resolve))
  try {
    if (byItem) {
      for await (const item of pages.items()) {
        if (!take(item)) break
        await work()
      }
    } else {
      reading: for await (const { items } of pages) {
        for (const item of items) if (!take(item)) break reading
        await work()
      }
    }
    return { error: undefined, resumeAt: pages.resumeAt }
  } catch (error) {
    return { error, resumeAt: pages.resumeAt }
  }
}

test("whatever fails, all items come exactly once and in order, and no page but the next is asked for ahead", () =>
  fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const it = play(given)
      const seen: number[] = []
      const take = (item: number): boolean => {
        seen.push(item)
        expect(asked(it)).toBeLessThanOrEqual(pagesUpTo(it.sizes, item) + (given.prefetch ? 1 : 0))
        return true
      }
      let from: string | undefined = undefined
      for (let readings = 0; readings < 30; readings++) {
        const { error, resumeAt }: Ended = await it.run(readList(it, given, { from }, take))
        // A page that failed is asked for again, in another process: the cursor is a text.
        from = resumeAt === undefined ? undefined : (JSON.parse(JSON.stringify(resumeAt)) as string)
        expect(error === undefined).toBe(from === undefined)
        if (error === undefined) break
      }
      expect(seen).toEqual(it.all)
      expect([it.clock.pending, it.server.openBodies]).toEqual([0, 0])
      it.server.verify()
    }),
    { numRuns: 300 },
  ))

test("whenever it is aborted or left, what came is a beginning of the list, and nothing stays open", () =>
  fc.assert(
    fc.asyncProperty(scenario, fc.nat(4000), fc.nat(20), async (given, abortAtMs, most) => {
      const it = play(given)
      const controller = new AbortController()
      const reason = { mine: true }
      const callOff = it.clock.after(abortAtMs, () => controller.abort(reason))
      const seen: number[] = []
      const take = (item: number): boolean => {
        expect(controller.signal.aborted).toBe(false)
        return seen.push(item) <= most
      }
      const { error } = await it.run(readList(it, given, { signal: controller.signal }, take))
      callOff()
      await it.clock.settle()
      expect(seen).toEqual(it.all.slice(0, seen.length))
      // The consumer works on after an abort, and hears of it when it asks again.
      const wasAborted = controller.signal.aborted && seen.length <= most
      expect([error === reason, it.clock.now() <= abortAtMs + given.workMs || !wasAborted]).toEqual([wasAborted, true])
      expect([it.clock.pending, it.server.openBodies, getEventListeners(controller.signal, "abort").length]).toEqual([0, 0, 0]) // prettier-ignore
      expect(it.server.requests.filter(({ end }) => end === "open")).toEqual([])
    }),
    { numRuns: 300 },
  ))

test("a limit on items gives exactly so many, and never asks for a page that it does not need", () =>
  fc.assert(
    fc.asyncProperty(scenario, fc.integer({ min: 1, max: 12 }), async (given, maxItems) => {
      const calm = { ...given, pages: given.pages.map((page) => ({ ...page, troubles: [] })) }
      const it = play(calm)
      const seen: number[] = []
      await it.run(readList(it, { ...calm, byItem: true }, { maxItems }, (item) => seen.push(item) > 0))
      expect(seen).toEqual(it.all.slice(0, maxItems))
      expect(it.server.requests.length).toBe(pagesUpTo(it.sizes, maxItems - 1))
    }),
    { numRuns: 200 },
  ))
