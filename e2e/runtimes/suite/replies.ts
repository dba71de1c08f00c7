import { BodyError } from "steadfetch"
import { json, reply, type Group } from "./case.ts"
import { check, equal, rejection } from "./check.ts"

const multipart = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'

export const replies: Group = {
  name: "replies",
  cases: [
    {
      name: "JSON in UTF-8, with and without a byte order mark",
      script: { "GET /plain": json({ tea: "茶 🍵" }), "GET /marked": reply(200, { body: '\uFEFF{"tea":1}' }) },
      async run(stage) {
        equal(await stage.api().get("/plain").json(), { tea: "茶 🍵" }, "plain")
        equal(await stage.api().get("/marked").json(), { tea: 1 }, "marked")
      },
    },
    {
      name: "what is no JSON is a BodyError that says what came",
      script: { "GET /thing": reply(200, { body: "<html>hello</html>", headers: { "content-type": "text/html" } }) },
      async run(stage) {
        const error = await rejection(stage.api().get("/thing").json())
        check(BodyError.is(error), `threw ${String(error)}`)
        check(error.message.includes("text/html"), error.message)
      },
    },
    {
      name: "204 and HEAD have no JSON",
      script: { "DELETE /thing": reply(204), "HEAD /thing": json(1) },
      async run(stage) {
        equal(await stage.api().delete("/thing").json(), undefined, "204")
        equal(await stage.api().head("/thing").json(), undefined, "HEAD")
      },
    },
    {
      name: "bytes come as they were sent",
      script: { "GET /thing": reply(200, { body: { base64: btoa("\u0000\u00ff\r\n\u0080") } }) },
      async run(stage) {
        const bytes = await stage.api().get("/thing").bytes()
        equal([...bytes], [0, 255, 13, 10, 128], "bytes")
      },
    },
    {
      name: "a form of either type is read",
      script: {
        "GET /multipart": reply(200, {
          body: multipart,
          headers: { "content-type": "multipart/form-data; boundary=x" },
        }),
        "GET /urlencoded": reply(200, {
          body: "a=1&b=%20",
          headers: { "content-type": "application/x-www-form-urlencoded" },
        }),
      },
      async run(stage) {
        equal((await stage.api().get("/multipart").form()).get("a"), "1", "multipart")
        equal((await stage.api().get("/urlencoded").form()).get("b"), " ", "urlencoded")
      },
    },
    {
      name: "a stream gives the whole body, piece by piece",
      // With gaps: a machine that is busy would else hand over what came meanwhile as one piece.
      script: {
        "GET /thing": reply(200, {
          body: { bytes: 300_000 },
          framing: "chunked",
          trickle: { chunkBytes: 100_000, gapMs: 250 },
        }),
      },
      async run(stage) {
        const reader = (await stage.api().get("/thing").stream()).getReader()
        let [length, pieces] = [0, 0]
        for (;;) {
          const { done, value } = await reader.read()
          if (done) break
          length += value.byteLength
          pieces++
        }
        equal(length, 300_000, "length")
        check(pieces > 1, `${pieces} pieces`)
      },
    },
    {
      name: "a stream comes with its headers, before its end",
      script: { "GET /thing": reply(200, { body: { endless: true } }) },
      async run(stage) {
        const outcome = await stage.api().get("/thing").outcome({ reading: "stream" })
        check(outcome.kind === "success", `kind is ${outcome.kind}`)
        await outcome.stream().cancel()
      },
    },
    {
      name: "a content coding is undone",
      script: { "GET /thing": reply(200, { body: "squeezed", coding: { name: "gzip" } }) },
      async run(stage) {
        equal(await stage.api().get("/thing").text(), "squeezed", "body")
      },
    },
    {
      name: "a content coding that ends early is a broken body",
      script: {
        "GET /thing": [
          reply(200, { body: "x".repeat(900), coding: { name: "gzip", lostBytes: 12 } }),
          reply(200, { body: "whole" }),
        ],
      },
      async run(stage) {
        const text = await stage.api().get("/thing").text()
        if (!stage.differs("cut-codings")) return equal(text, "whole", "body")
        check(text.startsWith("xxx") && text.length < 900, `the body is ${text.slice(0, 50)}`)
      },
    },
    {
      name: "a body beyond maxBodyBytes ends the call, once",
      script: { "GET /thing": reply(200, { body: { bytes: 50_000 } }) },
      async run(stage) {
        const outcome = await stage.api({ maxBodyBytes: 20_000 }).get("/thing").outcome()
        check(outcome.kind === "no-reply", `kind is ${outcome.kind}`)
        equal(outcome.error.code, "too-large", "code")
        equal((await stage.over(1)).length, 1, "requests")
      },
    },
    {
      name: "header fields are read whatever their case",
      script: { "GET /thing": reply(200, { headers: { "X-Tea": "green", "x-milk": ["a", "b"] } }) },
      async run(stage) {
        const { headers } = await stage.api().get("/thing")
        equal([headers.get("x-tea"), headers.get("X-MILK")], ["green", "a, b"], "fields")
      },
    },
    {
      name: "Retry-After is read where the server shows it to other origins",
      script: {
        "GET /thing": [
          reply(429, { headers: { "retry-after": "0", "access-control-expose-headers": "date" } }),
          json("ok"),
        ],
      },
      async run(stage) {
        const outcome = await stage.api().get("/thing").outcome()
        equal(outcome.kind, stage.differs("hidden-fields") ? "client-error" : "success", "kind")
      },
    },
    {
      name: "a Cookie field of the caller's is sent",
      script: { "GET /thing": json("ok") },
      async run(stage) {
        await stage.api().get("/thing", { headers: { cookie: "a=1" } })
        const [request] = await stage.over(1)
        equal(request?.headers["cookie"], stage.differs("forbidden-fields") ? undefined : "a=1", "Cookie")
      },
    },
    {
      name: "query and path are encoded once",
      script: { "GET /users/*": json("ok") },
      async run(stage) {
        await stage.api().get("/users/{name}", { path: { name: "a/b ü" }, query: { q: "x&y", n: 1 } })
        const [request] = await stage.over(1)
        check(request?.target.endsWith("/users/a%2Fb%20%C3%BC?q=x%26y&n=1") === true, `target: ${request?.target}`)
      },
    },
  ],
}
