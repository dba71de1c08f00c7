import { busy, json, reply, silence, type Group } from "./case.ts"
import { check, equal, rejection } from "./check.ts"

const typed = { "content-type": "text/plain" }

export const dropIn: Group = {
  name: "drop-in fetch",
  cases: [
    {
      name: "it resolves with the platform's own Response",
      script: { "GET /thing": json({ id: 7 }) },
      async run(stage) {
        const response = await stage.fetch()(`${stage.base}/thing`)
        check(response instanceof Response, "it is a Response")
        equal([response.status, response.url, response.bodyUsed], [200, `${stage.base}/thing`, false], "fields")
        equal(await response.json(), { id: 7 }, "body")
      },
    },
    {
      name: "a 503 is sent again with the same body",
      script: { "PUT /thing": [busy, json("ok")] },
      async run(stage) {
        const response = await stage.fetch()(new URL(`${stage.base}/thing`), {
          method: "PUT",
          body: "b",
          headers: typed,
        })
        equal(await response.json(), "ok", "body")
        equal(
          (await stage.over(2)).map(({ text }) => text),
          ["b", "b"],
          "bodies",
        )
      },
    },
    {
      name: "a Request is sent again with its body",
      script: { "PUT /thing": [busy, json("ok")] },
      async run(stage) {
        const request = new Request(`${stage.base}/thing`, { method: "PUT", body: "of a Request", headers: typed })
        equal(await (await stage.fetch()(request)).json(), "ok", "body")
        equal(
          (await stage.over(2)).map(({ text }) => text),
          ["of a Request", "of a Request"],
          "bodies",
        )
      },
    },
    {
      name: "a 4xx is a Response, at once",
      script: { "GET /thing": reply(404, { body: "nothing here" }) },
      async run(stage) {
        const response = await stage.fetch()(`${stage.base}/thing`)
        equal([response.ok, response.status, await response.text()], [false, 404, "nothing here"], "response")
        equal((await stage.over(1)).length, 1, "requests")
      },
    },
    {
      name: "when retries end, the last Response comes with its body",
      script: { "GET /thing": reply(502, { body: "bad upstream" }) },
      async run(stage) {
        const response = await stage.fetch()(`${stage.base}/thing`)
        equal([response.status, await response.text()], [502, "bad upstream"], "response")
        equal((await stage.over(3)).length, 3, "requests")
      },
    },
    {
      name: "no reply rejects as fetch rejects",
      async run(stage) {
        const own = await rejection(fetch(`${stage.refused}/thing`))
        const error = await rejection(stage.fetch()(`${stage.refused}/thing`))
        check(own instanceof Error && error instanceof Error, `rejected with ${String(error)}`)
        equal([error.name, error.constructor === own.constructor], [own.name, true], "name and class")
      },
    },
    {
      name: "an abort rejects with the signal's reason",
      script: { "GET /thing": silence },
      async run(stage) {
        const controller = new AbortController()
        const call = stage.fetch()(`${stage.base}/thing`, { signal: controller.signal })
        call.catch(() => {})
        await stage.arrived(1)
        const reason = new Error("the user left")
        controller.abort(reason)
        check((await rejection(call)) === reason, "it rejected with the reason")
        await stage.over(1)
      },
    },
    {
      name: "AbortSignal.timeout rejects with its TimeoutError",
      script: { "GET /thing": silence },
      async run(stage) {
        const error = await rejection(stage.fetch()(`${stage.base}/thing`, { signal: AbortSignal.timeout(100) }))
        equal((error as Error).name, "TimeoutError", "name")
      },
    },
    {
      name: "it stands in for the global fetch without calling itself",
      script: { "GET /thing": [busy, json("ok")] },
      async run(stage) {
        const platform = globalThis.fetch
        globalThis.fetch = stage.fetch()
        try {
          equal(await (await fetch(`${stage.base}/thing`)).json(), "ok", "body")
          equal(await stage.api().get("/thing").json(), "ok", "body of a client over it")
        } finally {
          globalThis.fetch = platform
        }
        equal((await stage.over(3)).length, 3, "requests")
      },
    },
    {
      name: "options of one call go under one key",
      script: { "GET /thing": busy },
      async run(stage) {
        const options = { steadfetch: { retry: false } } as RequestInit
        equal((await stage.fetch()(`${stage.base}/thing`, options)).status, 503, "status")
        equal((await stage.over(1)).length, 1, "requests")
      },
    },
  ],
}
