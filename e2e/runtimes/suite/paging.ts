import { byCursor, byPage, paging, type PagesOptions } from "steadfetch"
import { broken, busy, json, silence, type Group, type Stage } from "./case.ts"
import { check, equal, rejection } from "./check.ts"

/** A page with a link to the next one. */
const linked = (items: unknown, next: string) => json(items, 200, { headers: { link: `<${next}>; rel="next"` } })

const list = (stage: Stage, path: string, options?: PagesOptions, signal?: AbortSignal) =>
  stage
    .api({ headers: { "x-api-key": "secret" } })
    .extend({ abilities: [paging] })
    .get(path, { signal })
    .pages<number>(options)

export const pages: Group = {
  name: "paging",
  cases: [
    {
      name: "a list is read whole though its pages fail at first",
      script: {
        "GET /1": [busy, linked([1, 2], "2?a=b,c")],
        "GET /2": [broken, linked([3], "./3")],
        "GET /3": [busy, json([4])],
      },
      async run(stage) {
        equal(await list(stage, "/1").collect(), [1, 2, 3, 4], "items")
        const paths = (await stage.over(6)).map(({ target }) => target.slice(target.lastIndexOf("/")))
        equal(paths, ["/1", "/1", "/2?a=b,c", "/2?a=b,c", "/3", "/3"], "requests")
      },
    },
    {
      name: "a cursor goes into the JSON body of a POST",
      script: { "POST /search": [json({ hits: [1], next: "c 2" }), json({ hits: [2], next: null })] },
      async run(stage) {
        const call = stage.api().extend({ abilities: [paging] }).post("/search", { json: { q: 1 } }) // prettier-ignore
        equal(await call.pages({ by: byCursor({ cursor: "next", json: "after" }) }).collect(), [1, 2], "items")
        equal((await stage.over(2)).map(({ text }) => text), ['{"q":1}', '{"q":1,"after":"c 2"}'], "bodies") // prettier-ignore
      },
    },
    {
      name: "a list is taken up again where a page failed",
      script: { "GET /list": { steps: [json([1]), busy, busy, busy, json([2]), json([])] } },
      async run(stage) {
        const by = byPage()
        const first = list(stage, "/list", { by })
        const seen: number[] = []
        const reading = (async () => {
          for await (const item of first.items()) seen.push(item)
        })()
        await rejection(reading)
        seen.push(...(await list(stage, "/list", { by, from: first.resumeAt }).collect()))
        equal([seen, first.resumeAt], [[1, 2], "page:2"], "items and cursor")
      },
    },
    {
      name: "whoever breaks out lets go of the page ahead",
      script: { "GET /1": linked([1, 2], "2"), "GET /2": silence },
      async run(stage) {
        for await (const item of list(stage, "/1").items()) {
          if (item === 1) continue
          await stage.arrived(2)
          break
        }
        // Silence is over when the client lets the connection go.
        equal((await stage.over(2)).length, 2, "requests")
      },
    },
    {
      name: "an abort ends it with the exact reason",
      script: { "GET /1": linked([1], "2"), "GET /2": silence },
      async run(stage) {
        const controller = new AbortController()
        const items = list(stage, "/1", {}, controller.signal).items()
        await items.next()
        await stage.arrived(2)
        const reason = new Error("the user left")
        controller.abort(reason)
        const error = await rejection(items.next())
        check(error === reason, `rejected with ${String(error)}`)
        // Silence is over when the client lets the connection go.
        equal((await stage.over(2)).length, 2, "requests")
      },
    },
    {
      name: "another origin is refused, and gets no credentials when it is allowed",
      script: { "GET /1": linked([1], "{origin:desk}/headers") },
      async run(stage) {
        const error = await rejection(list(stage, "/1").collect())
        check(String(error).includes("another origin; if that is meant"), String(error))
        const items = (body: unknown): unknown => (Array.isArray(body) ? body : [body])
        const [, headers] = await list(stage, "/1", { origins: [stage.desk], items }).collect<Record<string, string>>()
        equal([headers?.["accept"], headers?.["x-api-key"]], ["application/json", undefined], "header fields")
      },
    },
  ],
}
